"""Tests of visibility, permissions and row-level security."""
