"""The kinds of clashes: each file declares one kind, and is found by its place here.

To add a kind, add a file: a condition on the rows of one type, what it means, and what resolves it. The contract, the
filters and the groups follow from it; `tests/reference/clashes.py` needs its condition in plain Python.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
