import { current } from "./current.js";
import { headersOf, personas } from "./offered.js";
import { firstPersona } from "./shared.js";
import { named } from "./trusted.jsx";

const firstHeaders = personas.length ? headersOf(personas[firstPersona]) : {};

// The page has the same address as the API, under any mount path.
export async function fetcher(operation, { headers } = {}) {
  // GraphiQL requests the schema before its header editor exists.
  const early = operation.operationName === "IntrospectionQuery" && !headers;
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json",
      "Content-Type": "application/json",
      // A request with a cookie must have a header that a page of another site cannot send.
      "X-Coalition-Client": "GraphiQL",
      ...(early ? firstHeaders : headers),
    },
    body: JSON.stringify(await named(current(operation))),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server responded with ${response.status} ${response.statusText}, not with JSON: ${text.slice(0, 200)}`);
  }
}
