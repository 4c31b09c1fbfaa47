"""The types of the contract for participants of the coalition and expert groups, with who belongs to them.

Accounts do not belong here: see `administration`.
"""
