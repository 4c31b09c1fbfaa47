"""The amounts of orders and their lines, their VAT and their exchange, computed alike in Python and by the database.

It knows no entity; the models of orders and their lines use it. `bound_money` has the columns of the money of an order.
"""
