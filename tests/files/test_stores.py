"""The file stores: a folder of this machine, and a bucket behind a real S3 API."""

from __future__ import annotations

import datetime as dt
import hashlib
import stat
from typing import TYPE_CHECKING

import pytest

from resolvers.files.open_store import open_store
from resolvers.files.s3_store import PART
from resolvers.files.store import FileStore, StoreError
from tests.servers.clamd import free_port

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

LONG = bytes(range(256)) * (2 * PART // 256)


@pytest.fixture
def store(files_address: str) -> FileStore:
    return open_store(files_address)


async def keep(store: FileStore, folder: Path, data: bytes) -> str:
    """Store `data`; return the SHA-256 under which it is stored."""
    file, digest = folder / "new", hashlib.sha256(data).hexdigest()
    file.write_bytes(data)
    await store.put(file, digest)
    return digest


async def whole(store: FileStore, digest: str, start: int, stop: int) -> bytes:
    return b"".join([piece async for piece in store.read(digest, start, stop)])


@pytest.mark.parametrize("data", [b"", b"x", LONG], ids=["empty", "short", "in several parts"])
async def test_what_is_kept_is_read_as_it_was(store: FileStore, tmp_path: Path, data: bytes) -> None:
    digest = await keep(store, tmp_path, data)
    assert await whole(store, digest, 0, len(data)) == data


async def test_a_part_is_read_by_itself(store: FileStore, tmp_path: Path) -> None:
    digest = await keep(store, tmp_path, LONG)
    assert await whole(store, digest, 1_000_003, 9_000_001) == LONG[1_000_003:9_000_001]


async def test_a_file_that_is_not_there_is_not_found(store: FileStore) -> None:
    with pytest.raises(FileNotFoundError):
        await store.find("0" * 64)
    with pytest.raises(FileNotFoundError):
        await whole(store, "0" * 64, 0, 1)


async def test_a_file_that_is_thrown_away_is_gone_and_may_be_thrown_away_again(
    store: FileStore, tmp_path: Path
) -> None:
    digest = await keep(store, tmp_path, b"gone")
    await store.remove(digest)
    await store.remove(digest)
    with pytest.raises(FileNotFoundError):
        await store.find(digest)


async def test_a_store_knows_its_files_and_since_when_it_has_them(store: FileStore, tmp_path: Path) -> None:
    assert [found async for found in store.files()] == []
    digests = {await keep(store, tmp_path, data) for data in (b"one", b"two")}
    found = [each async for each in store.files()]
    assert {each.sha256 for each in found} == digests
    assert found[0] == await store.find(found[0].sha256)
    assert all(abs(dt.datetime.now(dt.UTC) - each.stored_at) < dt.timedelta(minutes=1) for each in found)


async def test_in_a_folder_a_file_that_is_kept_again_counts_as_new(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "files"))
    digest = await keep(store, tmp_path, b"twice")
    first = await store.find(digest)
    await keep(store, tmp_path, b"twice")
    assert (await store.find(digest)).etag != first.etag


async def test_in_a_folder_only_the_server_reads_what_is_kept(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "files"))
    digest = await keep(store, tmp_path, b"ours")
    folders = [tmp_path / "files" / digest[:2], store.upload_dir]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]
    assert (tmp_path / "files" / digest[:2] / digest).read_bytes() == b"ours"


async def test_what_is_no_digest_never_becomes_a_path(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "files"))
    with pytest.raises(ValueError, match="not a SHA-256"):
        await store.find("../../etc/passwd")


async def test_a_long_file_goes_to_a_bucket_in_parts(s3: str, tmp_path: Path) -> None:
    store = open_store(f"{s3}/parts")
    digest = await keep(store, tmp_path, LONG)
    # The tag of an object in parts ends with their number.
    assert '-2"' in (await store.find(digest)).etag


async def test_a_bucket_that_does_not_answer_is_a_fault_of_the_store(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    store = open_store(s3)
    with pytest.raises(StoreError):
        await keep(store, tmp_path, b"nowhere")
    with pytest.raises(StoreError):
        await whole(store, "0" * 64, 0, 1)


async def test_a_bucket_that_is_not_there_is_a_fault_of_the_store(s3: str, tmp_path: Path) -> None:
    store = open_store(f"{s3}-of-nobody")
    with pytest.raises(StoreError):
        await keep(store, tmp_path, b"nowhere")


async def test_a_folder_that_cannot_be_made_is_a_fault_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(StoreError):
        _ = open_store(str(tmp_path / "files")).upload_dir
