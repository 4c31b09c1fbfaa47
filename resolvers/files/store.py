"""The protocol of a file store, which stores each file under its SHA-256. A stored file never changes.

A store is a local folder (`local_store`) or an S3 bucket (`s3_store`). It belongs to one database: the cleanup
deletes files that this database does not reference.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


#: The prefix of a bucket's address.
S3 = "s3://"


#: Bytes per read.
CHUNK_SIZE = 256 * 1024


class StoreError(Exception):
    """The store fails now; the caller can try again later."""


class StoreFullError(StoreError):
    """The store has no free space."""


class StoredFile(NamedTuple):
    """The metadata of a stored file: its SHA-256, when it was stored, and a tag that changes if it is replaced."""

    sha256: str
    stored_at: dt.datetime
    etag: str


class FileStore(Protocol):
    """Stores files under their SHA-256, 64 hexadecimal digits.

    The methods raise FileNotFoundError if a file does not exist, and StoreError if the store fails.
    """

    def prepare(self) -> None:
        """Create what the store needs at the start of the server, so that an unusable store is noticed then."""
        ...

    @property
    def upload_dir(self) -> Path:
        """The existing folder for uploads in progress."""
        ...

    async def put(self, file: Path, sha256: str) -> None:
        """Store a complete `file` durably, by moving or copying it.

        A file with the same SHA-256 is replaced, so that it counts as new.
        """
        ...

    async def find(self, sha256: str) -> StoredFile:
        """Return the metadata of a file."""
        ...

    def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes of a file from `start` to before `stop`, in chunks."""
        ...

    async def remove(self, sha256: str) -> None:
        """Delete a file, if it exists."""
        ...

    def files(self) -> AsyncIterator[StoredFile]:
        """Yield the metadata of every file."""
        ...


#: The error codes for no free space: on the disk, in a quota, in the file size limit of a process.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def store_faults() -> Iterator[None]:
    """Convert each OSError into a StoreError, except FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            message = "the file store has no free space"
            raise StoreFullError(message) from error
        raise StoreError(str(error)) from error
