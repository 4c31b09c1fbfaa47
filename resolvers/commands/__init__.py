"""Changes: a command validates its input, changes objects in one transaction and leaves audit events.

`runner` runs a command and is the only one to commit; `standard_changes` are create, update and transition;
`unit_of_work` finds and locks objects; `spec` is what each noun declares. What a noun's rules are stands in its file.
"""
