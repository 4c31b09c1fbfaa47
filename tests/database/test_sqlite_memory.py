"""The SQLite of a package does not count its memory, so that several threads read at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USED = """
import ctypes
from resolvers.database.sqlite_memory import libraries_of, stop_counting_memory

{before}
import pysqlite3

connection = pysqlite3.connect(":memory:")
connection.execute("CREATE TABLE t (x)")
[library] = libraries_of("pysqlite3")
used = ctypes.CDLL(str(library)).sqlite3_memory_used
used.restype = ctypes.c_int64
print(used())
"""


@pytest.mark.parametrize(("before", "counts"), [("", True), ('stop_counting_memory("pysqlite3")', False)])
def test_memory_is_counted_unless_it_is_turned_off_before_the_import(before: str, *, counts: bool) -> None:
    code = USED.format(before=before)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (int(done.stdout) > 0) == counts


def test_a_package_that_is_not_there_changes_nothing() -> None:
    code = 'from resolvers.database.sqlite_memory import stop_counting_memory; stop_counting_memory("no_such_package")'
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
