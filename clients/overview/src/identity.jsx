import { createContext, useContext, useMemo, useState } from "react";

import { headersOf, personas, signedIn, signIn, signOut } from "../../graphiql/src/offered.js";

const Identity = createContext(null);

export const useIdentity = () => useContext(Identity);

const STORED = "coalition-persona";

// The number of the persona that was chosen before; the token is never stored.
function firstPersona() {
  const stored = Number(sessionStorage.getItem(STORED));
  return personas[stored] ? stored : 0;
}

export function IdentityProvider({ children }) {
  const [chosen, choose] = useState(firstPersona);
  const [token, setToken] = useState(null);
  const [refused, setRefused] = useState(false);
  const persona = token ? undefined : personas[chosen];
  // The parts of the page load anew when these change.
  const headers = useMemo(() => {
    if (token) return headersOf({ token });
    return persona ? headersOf(persona) : {};
  }, [persona, token]);
  const identity = useMemo(() => {
    return {
      choose(index) {
        sessionStorage.setItem(STORED, index);
        choose(index);
      },
      chosen,
      enter(text) {
        setRefused(false);
        setToken(text);
      },
      headers,
      persona: persona ? String(chosen) : null,
      refuse: () => setRefused(true),
      refused,
      token,
    };
  }, [chosen, headers, persona, refused, token]);
  return <Identity value={identity}>{children}</Identity>;
}

async function leave() {
  await fetch(signOut, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Coalition-Client": "overview" },
  });
  window.location.reload();
}

export function Identities() {
  const { choose, chosen, enter, token } = useIdentity();
  if (token) {
    return (
      <button onClick={() => enter(null)} type="button">
        Forget the token
      </button>
    );
  }
  if (personas.length) {
    return (
      <label className="persona">
        <span>View as</span>
        <select onChange={({ target }) => choose(Number(target.value))} value={chosen}>
          {personas.map(({ title }, index) => (
            <option key={title} value={index}>
              {title}
            </option>
          ))}
        </select>
      </label>
    );
  }
  if (signedIn) {
    return (
      <button onClick={leave} type="button">
        Sign out
      </button>
    );
  }
  return signIn ? <a className="button" href={`${signIn}?page=overview`}>Sign in</a> : null;
}

// What a visitor sees whom the server does not know.
export function Gate() {
  const { enter, token } = useIdentity();
  const submit = (event) => {
    event.preventDefault();
    enter(new FormData(event.target).get("token").trim());
  };
  return (
    <section className="panel gate">
      <h2>Sign in to see the register</h2>
      <p role={token ? "alert" : undefined}>
        {token ? "The server does not accept this token. Enter another one." : "This server shows its data to known accounts only."}
      </p>
      {signIn ? (
        <p>
          <a className="button" href={`${signIn}?page=overview`}>
            Sign in
          </a>
        </p>
      ) : null}
      <form onSubmit={submit}>
        <label>
          API token
          <input autoComplete="off" name="token" required type="password" />
        </label>
        <button type="submit">Use this token</button>
        <p className="note">The token stays in this page until you close or reload it.</p>
      </form>
    </section>
  );
}
