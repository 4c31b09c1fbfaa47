"""Makes files and folders durable: what was written is still there after a loss of power."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fsync_file(file: IO[bytes]) -> None:
    """Write a file that is open to its disk, with all that is buffered. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Write a folder's list of names to its disk: a file is durable only when its name is too. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
