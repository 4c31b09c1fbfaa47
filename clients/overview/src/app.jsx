import { useEffect, useRef, useState } from "react";

import { api, personas } from "../../graphiql/src/offered.js";
import { Gate, Identities, IdentityProvider, useIdentity } from "./identity.jsx";
import { Overview, SECTIONS } from "./panels/index.jsx";
import { PAGES } from "./pages/index.jsx";
import { useAnswer } from "./panel.jsx";

// An object's page has an address such as #/need/NEED-001; all other fragments are parts of the overview.
function placeOf(hash) {
  const [, kind, reference] = /^#\/([a-z]+)\/(.+)$/.exec(hash) ?? [];
  return PAGES[kind] ? { kind, reference: decoded(reference) } : { section: hash.slice(1) };
}

// A fragment can be typed by hand: what is not encoded is taken as it is, and no object has it as its reference.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function usePlace() {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return placeOf(hash);
}

// Paper shows no closed table.
function usePrint() {
  useEffect(() => {
    const open = () => document.querySelectorAll("details").forEach((each) => each.setAttribute("open", ""));
    window.addEventListener("beforeprint", open);
    return () => window.removeEventListener("beforeprint", open);
  }, []);
}

function Viewer() {
  const { data } = useAnswer("viewer");
  if (!data) return null;
  const { viewer } = data;
  return (
    <p className="viewer">
      {viewer
        ? `You see what ${viewer.account.displayName} may see.`
        : "You see the public record."}
      {personas.length ? " What begins with DEMO- is fictional." : ""}
    </p>
  );
}

function Content({ place }) {
  const main = useRef(null);
  const { refused } = useIdentity();
  const { kind, reference, section } = place;
  useEffect(() => {
    if (kind) {
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    } else if (section) {
      document.getElementById(section)?.scrollIntoView();
    }
  }, [kind, reference, section]);
  const Page = kind && PAGES[kind];
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {refused ? <Gate /> : Page ? <Page reference={reference} /> : <Overview />}
    </main>
  );
}

function Shell() {
  const place = usePlace();
  const { refused } = useIdentity();
  usePrint();
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main").focus(); }}>
        Skip to the content
      </a>
      <header>
        <div className="title">
          <h1>
            <a href="#overview">IT Coalition</a>
          </h1>
          <Viewer />
        </div>
        <div className="actions">
          <Identities />
          <button className="print" onClick={() => window.print()} type="button">
            Print
          </button>
          <a className="button" href={api}>
            GraphiQL
          </a>
        </div>
        {refused ? null : (
          <nav aria-label="Parts of the overview">
            <ul>
              {SECTIONS.map(([id, title]) => (
                <li key={id}>
                  <a href={`#${id}`}>{title}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </header>
      <Content place={place} />
      <footer>
        <p>
          Every part of this page shows the answer of one query to the public API. Amounts of different currencies are
          never added. A pledge is never counted as funding.
        </p>
      </footer>
    </>
  );
}

export function App() {
  return (
    <IdentityProvider>
      <Shell />
    </IdentityProvider>
  );
}
