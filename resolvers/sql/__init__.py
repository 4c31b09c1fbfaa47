"""SQL expressions that SQLite and PostgreSQL spell differently, and the bind parameters of a statement.

This package knows neither GraphQL nor the viewer.
"""
