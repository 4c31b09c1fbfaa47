"""Tests of GraphiQL: its page, its build, its examples."""
