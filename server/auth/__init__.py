"""Authentication: credentials in a request, JWTs and their keys, the sign-in of browsers."""
