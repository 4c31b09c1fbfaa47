import { pick, useGraphiQL } from "@graphiql/react";
import { useEffect, useState } from "react";

import { headersOf, personas, signedIn, signIn, signOut } from "./offered.js";
import { firstPersona } from "./shared.js";

const WHERE_A_TOKEN_GOES = `{
  // "Authorization": "Bearer itc_…"
  // Then fetch the schema again, with the button at the lower left.
}`;

const textOf = (persona) => JSON.stringify(headersOf(persona), null, 2);

export const defaultHeaders = personas.length ? textOf(personas[firstPersona]) : WHERE_A_TOKEN_GOES;

function Personas() {
  const [chosen, choose] = useState(firstPersona);
  const { headerEditor, activeTabIndex } = useGraphiQL(pick("headerEditor", "activeTabIndex"));
  // Each tab has its own headers: an opened tab gets those of the chosen persona, unless the user typed others.
  useEffect(() => {
    const typed = headerEditor?.getValue().trim();
    if (headerEditor && (!typed || personas.map(textOf).includes(typed))) {
      headerEditor.setValue(textOf(personas[chosen]));
    }
  }, [headerEditor, activeTabIndex, chosen]);
  const change = ({ target }) => {
    choose(Number(target.value));
    headerEditor?.setValue(textOf(personas[target.value]));
  };
  return (
    <select aria-label="View as" className="coalition-identity" onChange={change} value={chosen}>
      {personas.map(({ title }, index) => (
        <option key={title} value={index}>
          {title}
        </option>
      ))}
    </select>
  );
}

const FICTIONAL = "Objects whose reference, number or code begins with DEMO- do not exist. The others are the public record.";

// Only the demo offers personas.
export function Fictional() {
  return personas.length ? (
    <span className="coalition-identity" role="note" style={{ cursor: "help" }} title={FICTIONAL}>
      DEMO-… is fictional
    </span>
  ) : null;
}

async function leave() {
  await fetch(signOut, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Coalition-Client": "GraphiQL" },
  });
  window.location.reload();
}

export function Identities() {
  if (personas.length) return <Personas />;
  if (signedIn) {
    return (
      <button className="coalition-identity" onClick={leave} type="button">
        Sign out
      </button>
    );
  }
  return signIn ? (
    <a className="coalition-identity" href={signIn}>
      Sign in
    </a>
  ) : null;
}
