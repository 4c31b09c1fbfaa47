"""Authentication: the credentials of requests, JWTs and their keys, and the sign-in of browsers."""
