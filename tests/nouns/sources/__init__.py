"""Tests of figures that others published, and the sources of facts."""
