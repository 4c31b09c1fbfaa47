"""The planning figures: coverage of needs, clashes, the roadmap as a plan."""
