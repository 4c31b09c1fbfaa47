"""Tests of contributions, allocations of their money, payments and the ledger."""
