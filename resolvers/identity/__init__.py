"""Accounts and their credentials: API tokens, browser sessions, links to an identity provider, the demo's personas.

It imports every noun's package below it and is imported by `server` alone.
"""
