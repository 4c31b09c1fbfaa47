"""The ASGI application: how a request comes in and how an answer goes out.

What lives here
---------------
- `settings`: every `COALITION_…` environment variable, checked once, at the start.
- `app`: the Starlette application, its routes, its security headers, and the database it opens and closes.
- `graphql`: the endpoint of GraphQL over HTTP. It reads a request (`graphql_request`, `http_json`), agrees on a media
  type (`media_types`), has the schema execute it, and writes the response.
- `errors`: the one place where an error becomes JSON. A fault of the request keeps its message and gets a code;
  anything unexpected is masked, and logged under the `errorId` that the client sees.
- `health`: `/livez` and `/readyz`.
- `graphiql`: the page for a browser, served from our own origin.
- `cli`, `serve`, `demo`, `loading`, `migrations`, `logs`: the `coalition` command and what it starts.

What may not
------------
- No table, no SQL, no business rule: a request becomes data in `resolvers`, and what a client may ask for stands in
  `schema`. Imports go server → schema → resolvers → models, and nothing imports `server`.
- No error text that shows how the server is built: no traceback, no SQL, no address, no password.
- Nothing from another origin: no script, style, font or picture is fetched from outside.

Until accounts exist, everyone who reaches the server may read everything. Therefore it listens on this machine only.
"""
