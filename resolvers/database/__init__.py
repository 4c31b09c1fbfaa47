"""Engines and connections: SQLite and PostgreSQL, their drivers and roles, and the runners of compiled statements.

Only `Database.bypass_policies` returns an engine. In the tests and the demonstration, `statement_guard` refuses a
statement without a policy, a reason or an audit event. `unavailable` has the errors of a database that cannot be used.
Code about viewers or nouns does not belong here.
"""
