"""Who asks, what they see and what they may change.

`viewer` is the value, `visibility` the table of predicates for reading (made of `visibility_rules`), `permissions` the
table for changing. `viewer_parameters` binds the viewer to a statement, `row_level_security` writes the same
predicates as PostgreSQL's policies. Loading a viewer from the database belongs to `identity`.
"""
