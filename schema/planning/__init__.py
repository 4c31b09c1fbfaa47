"""The types of the contract for capability needs, roadmaps, the gaps of a year and clashes.

The formulas do not belong here: see `models/figures`.
"""
