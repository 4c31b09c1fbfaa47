"""The tables of accounts, API tokens and the audit log.

The work of the coalition does not belong here.
"""
