"""Turns off SQLite's memory statistics, whose lock lets only one thread at a time allocate or free memory.

SQLite's authors recommend this (https://sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS), but most builds have the
statistics on. Measured with eight threads on two cores, each reading a page of 50 procurements with their needs,
orders and deliveries: 270 to 450 pages a second with them, 800 to 970 without; one thread alone reads 440 and 520.

They can be turned off only before the first use of the library. Python's own module uses the library during its
import, so this works only for a package with its own SQLite.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
from pathlib import Path

#: The number of SQLITE_CONFIG_MEMSTATUS.
MEMSTATUS = 9


def stop_counting_memory(package: str) -> None:
    """Turn off the statistics of the SQLite in `package` before its import. A failure only makes it slower."""
    for file in libraries_of(package):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(str(file)).sqlite3_config(ctypes.c_int(MEMSTATUS), ctypes.c_int(0))


def libraries_of(package: str) -> list[Path]:
    """Return the compiled SQLite libraries of a package; none if it is not installed."""
    found = importlib.util.find_spec(package)
    folders = (found and found.submodule_search_locations) or ()
    return [file for folder in folders for file in Path(folder).glob("_sqlite3*.so")]
