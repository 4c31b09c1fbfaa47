"""Tests of tables, types, constraints and migrations."""
