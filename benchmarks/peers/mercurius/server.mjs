// Mercurius as its authors advise: documents compiled at once, relations through batched loaders.
// Given: the folder of PostgreSQL's socket, the name of the database, the connections of its pool, the port.
import { readFileSync } from "node:fs";

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

import { loadersOn } from "./loaders.mjs";

const [, , host, database, connections, port] = process.argv;
// Dates stay the text that they are.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
const pool = new pg.Pool({ host, port: 5432, user: "postgres", database, max: Number(connections) });

const ROW = "id, reference, title, status, estimated_value_minor, estimated_value_currency, group_id, lead_participant_id";

// Named, a statement is prepared once on each connection.
const names = new Map();
async function run(text, values) {
  if (!names.has(text)) names.set(text, `s${names.size}`);
  return (await pool.query({ name: names.get(text), text, values })).rows;
}

function money(minor, currency) {
  return minor === null ? null : { amount: (Number(minor) / 100).toFixed(2), currency };
}

async function page({ first, after, where, orderBy }) {
  const order = orderBy?.[0].field.toLowerCase() ?? "reference";
  const [value, id] = after ? JSON.parse(Buffer.from(after, "base64url")) : [];
  const values = [first + 1];
  const conditions = [];
  for (const [name, { eq }] of Object.entries(where ?? {})) conditions.push(`${name} = $${values.push(eq)}`);
  if (after) conditions.push(`(${order}, id) > ($${values.push(value)}, $${values.push(id)})`);
  const condition = conditions.length ? `WHERE ${conditions.join(" AND ")}` : "";
  const rows = await run(`SELECT ${ROW} FROM procurements ${condition} ORDER BY ${order}, id LIMIT $1`, values);
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  return {
    nodes,
    pageInfo: {
      hasNextPage: rows.length > first,
      endCursor: last ? Buffer.from(JSON.stringify([last[order], last.id])).toString("base64url") : null,
    },
  };
}

const resolvers = {
  Query: {
    procurement: async (_, { id }) => (await run(`SELECT ${ROW} FROM procurements WHERE id = $1`, [id]))[0] ?? null,
    // Nothing is read of a page of which only the count is asked for.
    procurements: (_, asked) => {
      let found;
      const read = () => (found ??= page(asked));
      return { read };
    },
  },
  ProcurementConnection: {
    nodes: async ({ read }) => (await read()).nodes,
    pageInfo: async ({ read }) => (await read()).pageInfo,
    totalCount: async () => (await run("SELECT count(*)::int AS number FROM procurements", []))[0].number,
  },
  Procurement: {
    estimatedValue: (row) => money(row.estimated_value_minor, row.estimated_value_currency),
  },
  PurchaseOrder: { value: (row) => money(row.value_minor, row.value_currency) },
  Delivery: { receivedOn: (row) => row.received_on },
};

const app = Fastify({ keepAliveTimeout: 120_000 });
app.register(mercurius, {
  schema: readFileSync(new URL("./schema.graphql", import.meta.url), "utf8"),
  resolvers,
  loaders: loadersOn(run),
  jit: 1,
});
await app.listen({ port: Number(port), host: "127.0.0.1" });
