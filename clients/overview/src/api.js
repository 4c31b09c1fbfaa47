import queries from "virtual:queries";

import { api } from "../../graphiql/src/offered.js";
import { named } from "../../graphiql/src/trusted.jsx";

// A list of more pages than these is shown in part, and the panel says so.
const MOST_PAGES = 20;

export class NotAuthenticated extends Error {}

const today = () => new Date().toISOString().slice(0, 10);

// The variables that a document declares, from those that the page knows.
export function operationOf(name, values = {}) {
  const query = queries[name];
  const known = { today: today(), ...values };
  const variables = Object.fromEntries(Object.entries(known).filter(([key]) => query.includes(`$${key}:`)));
  return { query, variables };
}

// A new server compiles each query at its first use. Two at a time, in the order of the page, no query waits for so
// many others that the server stops it.
const AT_ONCE = 2;
const waiting = [];
let running = 0;

function next() {
  if (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift()();
  }
}

async function inTurn(work) {
  await new Promise((start) => {
    waiting.push(start);
    next();
  });
  try {
    return await work();
  } finally {
    running -= 1;
    next();
  }
}

// The server was busy: a second attempt finds the compiled query.
const BUSY = [503, 504];

async function post(operation, headers, signal) {
  const send = () => (signal.aborted ? Promise.reject(signal.reason) : sendOnce(operation, headers, signal));
  const response = await inTurn(async () => {
    const first = await send();
    return BUSY.includes(first.status) ? send() : first;
  });
  if (response.status === 401) throw new NotAuthenticated();
  const answer = await response.json().catch(() => ({}));
  const [error] = answer.errors ?? [];
  if (error) throw new Error(error.message);
  if (!answer.data) throw new Error(`The server responded with ${response.status} ${response.statusText}.`);
  return answer.data;
}

async function sendOnce(operation, headers, signal) {
  return fetch(api, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json",
      "Content-Type": "application/json",
      // A request with a cookie must have a header that a page of another site cannot send.
      "X-Coalition-Client": "overview",
      ...headers,
    },
    body: JSON.stringify(await named(operation)),
    signal,
  });
}

// Run a document of the page. With `path`, a list of names that leads to a connection, its further pages are added.
export async function run(name, { headers, path, signal, values }) {
  const first = await post(operationOf(name, values), headers, signal);
  const list = path && path.reduce((found, key) => found?.[key], first);
  let info = list?.pageInfo;
  for (let page = 1; info?.hasNextPage && page < MOST_PAGES; page += 1) {
    const more = await post(operationOf(name, { ...values, after: info.endCursor }), headers, signal);
    const next = path.reduce((found, key) => found[key], more);
    list.nodes.push(...next.nodes);
    info = next.pageInfo;
  }
  return first;
}

// The address at which GraphiQL opens the same operation. It never contains a credential.
export function graphiqlLink(name, values, persona) {
  const { query, variables } = operationOf(name, values);
  const shared = new URLSearchParams({ query });
  if (Object.keys(variables).length) shared.set("variables", JSON.stringify(variables, null, 2));
  if (persona) shared.set("persona", persona);
  return `${api}#${shared}`;
}
