"""Commands: a command validates its input, changes objects in one transaction and writes audit events.

`runner` runs a command, and only `runner` commits. `standard_changes` implements create, update and transition.
`unit_of_work` finds and locks objects. `spec` defines what each noun declares. The rules of a noun are in its own file.
"""
