"""The ASGI application: how a request comes in and how an answer goes out.

What lives here
---------------
- `settings`: every `COALITION_…` environment variable, checked once, at the start.
- `app`: the Starlette application, its routes, its security headers, and the database it opens and closes.
- `graphql`: the endpoint of GraphQL over HTTP. It reads a request (`graphql_request`, `http_json`), agrees on a media
  type (`media_types`), has the schema execute it, and writes the response.
- `quick`: the way past all that for a query that was asked before, by a client that is known by its headers
  (`introductions`); `protocol` gives it the bytes of the request and takes those of the answer.
- `limit_settings`, `rates`, `admission`, `patience`, `clients`: how much may be asked for, by whom, how often, and how
  long it may take; `docs/limits.md` says why. How much one operation may ask for is measured in `schema`.
- `trusted_documents`, `document_ids`: the queries that clients name by their hash (`docs/trusted-documents.md`);
  `document_manifest` reads them from the files of an operator.
- `answers`: the status, the headers and the body of an answer.
- `authentication`: who asks, from the credential a request shows (`credentials`): an API token, a token of the identity
  provider (`oidc`, `oidc_keys`) or the cookie of a browser that signed in (`sign_in`, `oidc_provider`). What was found
  out is kept for a few seconds (`recent`).
- `errors`: the one place where an error becomes JSON. A fault of the request keeps its message and gets a code;
  anything unexpected is masked, and logged under the `errorId` that the client sees.
- `document_files`: PUT and GET of the files of documents, found as the API finds them (`document_versions`), with what
  comes in (`file_bodies`) and goes out (`file_answers`); `docs/files.md` says why.
- `health`: `/livez` and `/readyz`.
- `graphiql`: the page for a browser, served from our own origin.
- `protocol`: HTTP as it comes in on a connection.
- `cli`, `cli_accounts`, `cli_documents`, `cli_files`, `cli_support`, `serve`, `demo`, `loading`, `migrations`, `logs`:
  the `coalition` command and what it starts.

What may not
------------
- No table, no SQL, no business rule: a request becomes data in `resolvers`, and what a client may ask for stands in
  `schema`. Imports go server → schema → resolvers → models, and nothing imports `server`.
- No error text that shows how the server is built: no traceback, no SQL, no address, no password.
- Nothing from another origin: no script, style, font or picture is fetched from outside.

Whoever shows no credential that holds gets the same bare 401, before anything else of the request is looked at.
"""
