"""SQLite of a version that can take a deep plan, behind SQLAlchemy's asynchronous dialect.

SQLite's parser gave up 100 symbols deep until 3.46, which is three nested lists. Where
Python was built with an older one, the library that comes with `pysqlite3` is used.
"""

from __future__ import annotations

import importlib
import sqlite3
from functools import partial
from types import ModuleType
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi

OLDEST = (3, 46)

#: Rows fetched at once from the driver's thread.
CHUNK = 64


def library() -> ModuleType:
    """Give the SQLite module to use. Raises RuntimeError where none is new enough."""
    if sqlite3.sqlite_version_info >= OLDEST:
        return sqlite3
    try:
        return importlib.import_module("pysqlite3")
    except ModuleNotFoundError:
        message = f"SQLite 3.46 or later is needed, and this Python has {sqlite3.sqlite_version}: use a newer Python."
        raise RuntimeError(message) from None


def driver() -> AsyncAdapt_aiosqlite_dbapi:
    """Give the driver for `create_async_engine(module=…)`: aiosqlite's thread around the chosen library."""
    module = library()

    def connect(*arguments: Any, **options: Any) -> aiosqlite.Connection:
        return aiosqlite.Connection(partial(module.connect, *arguments, **options), CHUNK)

    facade = ModuleType("aiosqlite")
    vars(facade).update(vars(module), connect=connect, Connection=aiosqlite.Connection)
    return AsyncAdapt_aiosqlite_dbapi(facade, module)
