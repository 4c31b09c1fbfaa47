"""Opens the file store that a setting names."""

from __future__ import annotations

from resolvers.files.store import S3, FileStore


def open_store(address: str) -> FileStore:
    """Give the store at `address`: `s3://bucket/prefix`, or a folder."""
    if address.startswith(S3):
        # Only here: most have no bucket.
        from resolvers.files.s3_store import S3FileStore  # noqa: PLC0415

        return S3FileStore(address)
    from resolvers.files.local_store import LocalFileStore  # noqa: PLC0415

    return LocalFileStore(address)
