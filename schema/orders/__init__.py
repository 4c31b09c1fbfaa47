"""The types of the contract for purchase orders, their lines and amendments, deliveries and returns.

The way to an order does not belong here: see `procurement`.
"""
