"""Tests of procurements, their items, awards and suppliers."""
