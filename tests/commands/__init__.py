"""Tests of what all commands share: transactions, races, crashes, stories."""
