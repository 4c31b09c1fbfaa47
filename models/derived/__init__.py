"""Derived values: what an entity computes from rows of other tables.

`values` has the decorators that declare them, each with its Python and its SQL. The SQL is a function of a row
(`rows`); its only way to another table is a relation of that row, read by a query (`queries`, with the joins of
`relations`). Each statement has its `tables`: which rows it may read, and how the figures it computes enter it.
`shares` has the arithmetic of parts and wholes.
"""
