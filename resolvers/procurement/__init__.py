"""The queries and commands of procurements, their items, awards and suppliers.

Orders and deliveries do not belong here: see `orders`.
"""
