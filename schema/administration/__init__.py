"""The types of the contract for accounts, API tokens and the audit log.

The work of the coalition does not belong here.
"""
