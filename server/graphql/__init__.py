"""The endpoint `/graphql`: a request's body in, a response out, with the fast path in front of it."""
