"""Planning figures: the coverage of needs by plans, money, orders and deliveries.

Each figure is SQL over the rows that the viewer sees. `coverage` has the quantities of a need and `need_funding` its
amounts of money, as mixins. `attribution` has the rule that divides the money of a procurement among its needs, and
`in_force` the rule that selects the roadmap in force. `docs/decisions/planning-figures.md` has the meaning of every
figure.
"""
