"""What every other package of `resolvers` uses, and `server` where it reads the same.

- `attributes` and `codecs`: what a column is, and how its values are written in JSON and read from it;
- `limits`: the table of all that one request may ask; `errors`: the faults of a request;
- `naming`, `text`, `hashing`, `ordinals`, `json_objects`, `json_file`, `fsync`: one rule each;
- `lru_cache`, `ttl_cache`: what is stored for a while, within bounds.

It imports `models` alone. What needs a database, a viewer or a query does not belong here.
"""
