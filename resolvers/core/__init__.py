"""Helpers for every other package of `resolvers`, and for `server`.

- `attributes` and `codecs`: descriptions of columns, and the JSON form of their values;
- `limits`: the limits of one request; `errors`: the errors of a request;
- `naming`, `text`, `hashing`, `ordinals`, `json_objects`, `json_file`, `fsync`: one rule each;
- `lru_cache`, `ttl_cache`: bounded caches.

This package imports only `models`. Code that needs a database, a viewer or a query does not belong here.
"""
