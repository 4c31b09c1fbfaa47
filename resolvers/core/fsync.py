"""Makes files and folders durable: their data survives a loss of power."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def fsync_file(file: IO[bytes]) -> None:
    """Flush an open file and sync it to the disk. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Sync a folder to the disk, because a file is durable only after its name is. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
