"""Turns off SQLite's count of its memory, which lets only one thread at a time take or release a piece of it.

SQLite's authors advise it (https://sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS), and most builds count all the
same. Measured with eight threads on two cores, each reading a page of 50 procurements with their needs, orders and
deliveries: 270 to 450 pages a second with the count, 800 to 970 without; one thread alone reads 440 and 520.

It can be turned off only before the library is used, and Python's own module uses it while it is imported: so this is
for a package with a SQLite of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
from pathlib import Path

#: The number of SQLITE_CONFIG_MEMSTATUS.
MEMSTATUS = 9


def stop_counting_memory(package: str) -> None:
    """Have the SQLite in `package`, which is not imported yet, count no memory; where that fails, it is only slower."""
    for file in libraries_of(package):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(str(file)).sqlite3_config(ctypes.c_int(MEMSTATUS), ctypes.c_int(0))


def libraries_of(package: str) -> list[Path]:
    """Return the compiled libraries of a package that hold SQLite; none where it is not installed."""
    found = importlib.util.find_spec(package)
    folders = (found and found.submodule_search_locations) or ()
    return [file for folder in folders for file in Path(folder).glob("_sqlite3*.so")]
