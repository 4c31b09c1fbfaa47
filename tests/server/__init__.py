"""Tests of the server: HTTP, authentication, GraphiQL, the command line."""
