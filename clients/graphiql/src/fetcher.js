import { current } from "./current.js";
import { firstHeaders } from "./offered.js";
import { named } from "./trusted.jsx";

// The page is served at the address of the API itself, wherever that is mounted.
export async function fetcher(operation, { headers } = {}) {
  // GraphiQL asks for the schema before its editor of headers is there.
  const early = operation.operationName === "IntrospectionQuery" && !headers;
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json",
      "Content-Type": "application/json",
      // Signed in by a cookie, a request is answered only with a header that no other site's page can send.
      "X-Coalition-Client": "GraphiQL",
      ...(early ? firstHeaders : headers),
    },
    body: JSON.stringify(await named(current(operation))),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status} ${response.statusText}, not JSON: ${text.slice(0, 200)}`);
  }
}
