"""Tests of purchase orders, their lines and amendments, deliveries and returns."""
