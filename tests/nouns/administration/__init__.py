"""Tests of accounts, API tokens and the audit log."""
