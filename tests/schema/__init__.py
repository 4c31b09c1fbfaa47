"""Tests of the contract and its limits."""
