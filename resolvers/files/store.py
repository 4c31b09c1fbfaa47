"""Where the bytes of documents are kept: each file under the SHA-256 of its bytes, so that none is ever changed.

A store is a folder of this machine (`local_store`) or a bucket that speaks S3 (`s3_store`). It
belongs to one database: what that does not name is swept away.
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


#: What an address of a bucket begins with.
S3 = "s3://"


#: How many bytes are read at once.
CHUNK_SIZE = 256 * 1024


class StoreError(Exception):
    """The store does not do its work now; what was asked of it may be asked again later."""


class StoreFullError(StoreError):
    """There is no room for more bytes."""


class StoredFile(NamedTuple):
    """A file that is there: the SHA-256 it is kept under, since when, and a mark that changes when it is replaced."""

    sha256: str
    stored_at: dt.datetime
    etag: str


class FileStore(Protocol):
    """Keeps files under their SHA-256, 64 hexadecimal digits.

    Its methods raise FileNotFoundError for a file that is not there, StoreError where the store does not work.
    """

    def prepare(self) -> None:
        """Make what a first start needs, so that one that cannot work is known of then."""
        ...

    @property
    def upload_dir(self) -> Path:
        """The folder that holds what is arriving; it is there."""
        ...

    async def put(self, file: Path, sha256: str) -> None:
        """Keep a whole `file`, which may be moved away; it outlasts a loss of power when this returns.

        One that is there already is replaced, so that it counts as new.
        """
        ...

    async def find(self, sha256: str) -> StoredFile:
        """Give what is known of a file."""
        ...

    def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Give the bytes of a file from `start` to before `stop`, in pieces."""
        ...

    async def remove(self, sha256: str) -> None:
        """Throw a file away; one that is not there is no fault."""
        ...

    def files(self) -> AsyncIterator[StoredFile]:
        """Give every file there is."""
        ...


#: What the system says where there is no room: on the disk, within a quota, within the limit of a process.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def store_faults() -> Iterator[None]:
    """Tell what the system says of files as a StoreError; that one is not there stays a FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            message = "there is no room for more files"
            raise StoreFullError(message) from error
        raise StoreError(str(error)) from error
