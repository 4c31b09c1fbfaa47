"""Authorization: the viewer, the rows that the viewer sees, and the changes that the viewer may make.

`viewer` defines the viewer, `ownership` the group that owns a row; `readers` compares who sees two objects.
`visibility` is the table of predicates for reading, built from `visibility_rules`; `permissions` is the table for
changing. `viewer_parameters` binds the viewer to a statement. `row_level_security` renders the same predicates as
PostgreSQL policies. Loading a viewer from the database belongs to `identity`.
"""
