"""Tests of participants of the coalition and expert groups, with who belongs to them."""
