"""Tests of the demonstration: its fictional set, its start and its end."""
