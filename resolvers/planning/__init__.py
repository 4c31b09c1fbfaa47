"""The queries and commands of capability needs, roadmaps, the gaps of a year and clashes.

The formulas do not belong here: see `models/figures`.
"""
