"""The tables of procurements, their items, awards and suppliers.

Orders and deliveries do not belong here: see `orders`.
"""
