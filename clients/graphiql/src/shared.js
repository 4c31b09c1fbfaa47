import { personas } from "./offered.js";

// A link can carry an operation in its fragment, which a browser does not send: the query, its variables, and the
// number of a persona of the demo. It never carries a credential.
const given = new URLSearchParams(window.location.hash.slice(1));

export const shared = given.get("query")
  ? { query: given.get("query"), variables: given.get("variables") ?? undefined }
  : undefined;

const persona = Number(given.get("persona"));

export const firstPersona = personas[persona] ? persona : 0;

// Without the fragment, a reload does not open the operation once more, and the address stays short.
if (shared) window.history.replaceState(null, "", window.location.pathname);
