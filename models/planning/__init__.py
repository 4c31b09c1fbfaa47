"""The tables of capability needs, roadmaps, the gaps of a year and clashes.

The formulas of planning figures do not belong here: see `models/figures`.
"""
