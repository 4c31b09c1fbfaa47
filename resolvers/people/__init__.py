"""The queries and commands of participants of the coalition and expert groups, with who belongs to them.

Accounts do not belong here: see `administration`.
"""
