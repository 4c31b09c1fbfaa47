"""Accounts and their credentials: API tokens, browser sessions, links to an identity provider, the demo's personas.

This package can import every other package of `resolvers`. Only `server` imports it.
"""
