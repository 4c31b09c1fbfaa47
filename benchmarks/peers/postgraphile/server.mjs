// PostGraphile 5 as its authors would run it: the Amber preset on Grafserv for Node, in production, without watching.
// Given: the folder of PostgreSQL's socket, the name of the database, the connections of its pool, the port.
import { createServer } from "node:http";

import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { Pool } from "pg";

const [, , host, database, connections, port] = process.argv;
const pool = new Pool({ host, port: 5432, user: "postgres", database, max: Number(connections) });

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool, schemas: ["public"] })],
  grafserv: { port: Number(port), graphqlPath: "/graphql", watch: false, graphiql: false, websockets: false },
  grafast: { explain: false },
});

const server = createServer();
// Node closes an idle connection after five seconds; the others keep theirs.
server.keepAliveTimeout = 120_000;
const serv = instance.createServ(grafserv);
await serv.addTo(server);
await serv.ready?.();
server.listen(Number(port), "127.0.0.1");
