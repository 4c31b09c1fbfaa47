"""The ASGI application: it receives HTTP requests and sends HTTP responses.

Imports between the packages of `server` go one way: `app`, `cli` → `files`, `health` → `graphql`, `overview`
→ `graphiql`, `startup` → `monitoring` → `auth`, `limits` → `config` → `http`. The docstring of each package describes
its contents.

These do not belong here: tables, SQL and business rules (`resolvers` has them, and `schema` declares the API); error
messages that reveal the server's internals (traceback, SQL, address, password); resources of a page from another
origin.

A request without a valid credential always gets the same 401, before the server reads more than its headers.
"""
