"""SQL expressions that differ between SQLite and PostgreSQL, and the bind parameters of a statement.

This package must not depend on GraphQL or on the viewer.
"""
