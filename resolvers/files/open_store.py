"""Opens the file store that a setting names."""

from __future__ import annotations

from resolvers.files.store import S3, Store


def open_store(address: str) -> Store:
    """Give the store at `address`: `s3://bucket/prefix`, or a folder."""
    if address.startswith(S3):
        # Only here: most have no bucket.
        from resolvers.files.s3_store import S3Files  # noqa: PLC0415

        return S3Files(address)
    from resolvers.files.local_store import LocalFiles  # noqa: PLC0415

    return LocalFiles(address)
