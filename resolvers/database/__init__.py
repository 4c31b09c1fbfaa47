"""Engines and connections: SQLite and PostgreSQL, their drivers and roles, the runners of compiled statements.

`Database.bypass_policies` is the only way to an engine. `statement_guard` refuses, in the tests and the demonstration,
a statement without a policy, a reason or an audit event; `unavailable` is the error of a database that cannot be
reached. This package does not know who asks, and no noun.
"""
