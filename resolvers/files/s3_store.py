"""The store in a bucket that speaks S3, as AWS, MinIO, Ceph and others do.

Keys and the endpoint come from the usual variables of the environment: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, and `AWS_ALLOW_HTTP=true` for an
endpoint without TLS.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from resolvers.files.store import CHUNK_SIZE, S3, StoredFile, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from obstore import ObjectMeta

#: What is longer goes up in parts of this length.
PART = 8 * 1024 * 1024
RETRIES = 3
TIMEOUT = dt.timedelta(seconds=30)


class S3FileStore:
    """Objects of a bucket, each named by its SHA-256."""

    def __init__(self, address: str) -> None:
        """Take an address like `s3://bucket/prefix`; nothing is asked of it yet."""
        bucket, _, prefix = address.removeprefix(S3).partition("/")
        self._store = S3Store(
            bucket, prefix=prefix or None, retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT}
        )

    def prepare(self) -> None:
        """Do nothing: a bucket is made by whoever keeps it, and may be out of reach for a while."""

    @property
    def upload_dir(self) -> Path:
        """The folder for temporary files: what arrives is known to be right before the bucket sees any of it."""
        return Path(tempfile.gettempdir())

    async def put(self, file: Path, sha256: str) -> None:
        """Copy a file into the bucket, where it is seen when it is there as a whole."""
        try:
            with _faults():
                await obstore.put_async(self._store, sha256, file, chunk_size=PART)
        except FileNotFoundError as error:
            message = "there is no such bucket"
            raise StoreError(message) from error

    async def find(self, sha256: str) -> StoredFile:
        """Give what is known of a file."""
        with _faults():
            return _found(await obstore.head_async(self._store, sha256))

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Give the bytes of a file from `start` to before `stop`."""
        if start == stop:
            return
        with _faults():
            answer = await obstore.get_async(self._store, sha256, options={"range": (start, stop)})
            async for piece in answer.stream(CHUNK_SIZE):
                yield bytes(piece)

    async def remove(self, sha256: str) -> None:
        """Throw a file away."""
        with _faults():
            await obstore.delete_async(self._store, sha256)

    async def files(self) -> AsyncIterator[StoredFile]:
        """Give every file there is."""
        with _faults():
            async for found in obstore.list(self._store):
                for each in found:
                    yield _found(each)


def _found(meta: ObjectMeta) -> StoredFile:
    return StoredFile(meta["path"], meta["last_modified"], f"{meta['e_tag']} {meta['size']} {meta['last_modified']}")


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        # Its words hold the address of the store, and what the store said.
        raise StoreError(str(error).splitlines()[0]) from error
