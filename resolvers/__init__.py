"""How a request becomes data: what may be read and changed of each noun, and the packages that do it.

A noun's file at the top of this floor only declares: a `QuerySpec` for each of its types, and a `MutationSpec` for each
type that is changed by itself. `nouns.load_nouns` loads all of them; no package below imports a noun. The
mechanisms are in packages, and imports go one way:

    identity → nouns → commands, backup, record → query → audit, files → access → sql, database → core

Each package says in its docstring what it holds and what does not belong there.

HTTP and Starlette, Strawberry's types and anything that knows the process do not belong here.
"""
