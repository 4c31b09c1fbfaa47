"""The tests: by noun (`nouns`), and by the package of the code they test."""

import sys

# Compiling all that the tests import takes each process ten seconds; it is stored even where Python was told not to.
sys.dont_write_bytecode = False
