"""What every other package of `resolvers` uses: attributes of models, names, errors, limits, caches, JSON files.

It imports `models` alone. What needs a database, a viewer or a query does not belong here.
"""
