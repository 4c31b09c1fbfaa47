"""The figures that can be explained: each file declares those of one type, with the rows they are made of.

To explain one more figure, add it to a file's `FIGURES`: the rows that it adds up, and why each of the other rows is
left out. The contract follows from it; `tests/reference/explanations.py` needs the same rows in plain Python.
"""
