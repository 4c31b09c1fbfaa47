"""Opens the file store from a setting."""

from __future__ import annotations

from resolvers.files.store import S3, FileStore


def open_store(address: str) -> FileStore:
    """Return the store at `address`: `s3://bucket/prefix`, or the path of a folder."""
    if address.startswith(S3):
        # Imported late: most installations do not use S3.
        from resolvers.files.s3_store import S3FileStore  # noqa: PLC0415

        return S3FileStore(address)
    from resolvers.files.local_store import LocalFileStore  # noqa: PLC0415

    return LocalFileStore(address)
