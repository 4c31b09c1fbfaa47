"""The endpoint `/graphql`: from the body of a request to a response, with a fast path for known queries."""
