"""Limits one operation: measures its cost before its validation."""
