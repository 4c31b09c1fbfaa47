"""The file store in an S3 bucket of AWS, MinIO, Ceph or others.

The keys and the endpoint come from the usual environment variables: `AWS_ACCESS_KEY_ID`,
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

#: Longer files are uploaded in parts of this size.
PART = 8 * 1024 * 1024
RETRIES = 3
TIMEOUT = dt.timedelta(seconds=30)


class S3FileStore:
    """Files as objects of a bucket; each key is the SHA-256 of the file."""

    def __init__(self, address: str) -> None:
        """Use an address such as `s3://bucket/prefix`. This sends no request yet."""
        bucket, _, prefix = address.removeprefix(S3).partition("/")
        self._store = S3Store(
            bucket, prefix=prefix or None, retry_config={"max_retries": RETRIES, "retry_timeout": TIMEOUT}
        )

    def prepare(self) -> None:
        """Do nothing: the operator creates the bucket, and it can be unreachable at the start."""

    @property
    def upload_dir(self) -> Path:
        """The system's folder for temporary files. An upload is verified there before it is sent to the bucket."""
        return Path(tempfile.gettempdir())

    async def put(self, file: Path, sha256: str) -> None:
        """Copy a file into the bucket; it becomes visible once it is complete."""
        try:
            with _faults():
                await obstore.put_async(self._store, sha256, file, chunk_size=PART)
        except FileNotFoundError as error:
            message = "the bucket does not exist"
            raise StoreError(message) from error

    async def find(self, sha256: str) -> StoredFile:
        """Return the metadata of a file."""
        with _faults():
            return _found(await obstore.head_async(self._store, sha256))

    async def read(self, sha256: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes of a file from `start` to before `stop`."""
        if start == stop:
            return
        with _faults():
            answer = await obstore.get_async(self._store, sha256, options={"range": (start, stop)})
            async for piece in answer.stream(CHUNK_SIZE):
                yield bytes(piece)

    async def remove(self, sha256: str) -> None:
        """Delete a file."""
        with _faults():
            await obstore.delete_async(self._store, sha256)

    async def files(self) -> AsyncIterator[StoredFile]:
        """Yield the metadata of every file."""
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
        # The other lines contain the address and the response of the store.
        raise StoreError(str(error).splitlines()[0]) from error
