"""The real servers that tests run: PostgreSQL, PgBouncer, S3, clamd, an identity provider, and this server itself."""
