"""Builds Strawberry types from the nouns' declarations: objects, connections, inputs, results, enums, scalars.

No noun is named here.
"""
