"""The queries and commands of figures that others published, and the sources of facts.

Figures that are computed do not belong here.
"""
