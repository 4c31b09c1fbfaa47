"""The endpoint `/graphql`: a request's body in, a response out; and a shorter transport for known queries."""
