"""The types of the contract for contributions, allocations of their money, payments and the ledger.

Purchases with this money do not belong here: see `procurement` and `orders`.
"""
