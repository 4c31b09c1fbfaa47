"""Tests of capability needs, roadmaps, the gaps of a year and clashes."""
