"""The tests: by noun (`nouns`), and by the package of the code they test."""
