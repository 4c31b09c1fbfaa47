"""The amounts of order lines and their VAT, computed alike in Python and by the database.

It knows no entity; the models of orders and their lines use it.
"""
