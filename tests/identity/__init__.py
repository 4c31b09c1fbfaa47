"""Tests of accounts and credentials."""
