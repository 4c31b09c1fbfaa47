"""The queries and commands of purchase orders, their lines and amendments, deliveries and returns.

The way to an order does not belong here: see `procurement`.
"""
