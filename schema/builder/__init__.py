"""Builds Strawberry types from the nouns' declarations: objects, connections, inputs, results, enums, scalars.

This package is generic: it names no noun.
"""
