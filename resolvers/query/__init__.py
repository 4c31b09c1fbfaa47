"""The query compiler: compiles a GraphQL selection to one SQL statement that returns the JSON of the response.

`compiler` walks the selection; `arguments`, `filters`, `keyset`, `pagination`, `aggregates` and `json_values` build
parts of the statement. `visible_entities` adds every table to a statement, with its visibility predicate. `operations`
caches compiled statements and runs them. `spec` defines what each noun declares. `fields` has the fields that are no
attribute of a model. No code here runs for each row.
"""
