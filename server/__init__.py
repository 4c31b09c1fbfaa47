"""The ASGI application: how a request comes in and how a response goes out.

Imports inside this floor go one way: `app`, `cli` → `files`, `health` → `graphql` → `graphiql`, `startup` → `auth`,
`limits` → `config` → `http`. Each package says in its docstring what it holds.

What does not belong here: tables, SQL and business rules (a request becomes data in `resolvers`, and what a client may
ask for is declared in `schema`); an error text that shows how the server is built (traceback, SQL, address, password);
anything that a page would fetch from another origin.

A request without a valid credential gets the same 401 before anything else of it is read.
"""
