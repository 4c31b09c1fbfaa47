"""The query compiler: a GraphQL selection becomes one SQL statement that returns the JSON of the answer.

`compiler` walks the selection; `arguments`, `filters`, `keyset`, `pagination`, `aggregates` and `json_values` build
their parts; `visible_entities` is the only way a table enters a statement; `operations` caches the compiled
statements and runs them. `spec` is what each noun declares. Nothing here is done for each row in Python.
"""
