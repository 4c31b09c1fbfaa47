"""How fields are compiled that are no attribute of a model: lists of the viewer, judged transitions, changed objects.

Each is called by the compiler, and knows how its own fields become SQL or are filled in after the statement.
"""
