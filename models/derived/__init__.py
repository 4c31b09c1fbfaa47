"""Derived values: values of an entity that are computed from rows of other tables.

`values` has the decorators that declare a derived value with its Python and its SQL. The SQL is a function of a row
(`rows`). It reaches other tables only through relations of that row, with a query (`queries`, with the joins of
`relations`). Each statement has one `tables.Tables`, which adds the visibility predicates and shares computed figures.
`shares` has the arithmetic of shares.
"""
