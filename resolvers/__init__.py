"""Queries and mutations: what each noun allows, and the packages that execute them.

The nouns are in packages by subject, the same on every floor. A noun's file only declares: a `QuerySpec` for each
type, and a `MutationSpec` for each type with mutations of its own. `nouns.load_nouns` loads all nouns; no mechanism
imports a noun. The mechanisms are in packages, too, and imports go one way:

    identity → nouns → commands, backup, record → query → audit, files → access → sql, database → core

The docstring of each package says what it contains and what does not belong there. `trusted_documents` stores the
queries of client programs, and needs none of them.

HTTP, Starlette, Strawberry's types and the state of the process do not belong here.
"""
