"""Uploads and downloads: only declared bytes are stored, and only stored bytes are sent."""

from __future__ import annotations

import hashlib
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from resolvers.files.download import CorruptFileError, Downloader
from resolvers.files.open_store import open_store
from resolvers.files.store import CHUNK_SIZE, StoreFullError
from resolvers.files.upload import (
    ContentError,
    DeclaredContent,
    WrongHashError,
    WrongLengthError,
    spooled_upload,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = pytest.mark.anyio

DATA = b"A paper of some length." * 200_000


def content(data: bytes = DATA) -> DeclaredContent:
    return DeclaredContent(len(data), hashlib.sha256(data).hexdigest())


async def chunks(data: bytes = DATA, length: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), length):
        yield data[start : start + length]


async def broken() -> AsyncIterator[bytes]:
    yield DATA[: 2 * 1024 * 1024]
    message = "the client is gone"
    raise ConnectionError(message)


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """Let no file of this process grow beyond `most` bytes: to a writer it is as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_what_arrives_as_declared_is_in_a_file_until_the_block_ends(tmp_path: Path) -> None:
    async with spooled_upload(chunks(), content(), tmp_path) as file:
        assert file.read_bytes() == DATA
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_was_moved_away_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    async with spooled_upload(chunks(), content(), tmp_path / "spool") as file:
        file.replace(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == DATA


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (DATA + b"x", WrongLengthError),
        (DATA[:-1], WrongLengthError),
        (b"", WrongLengthError),
        (DATA[:-1] + b"!", WrongHashError),
    ],
    ids=["more", "fewer", "none", "others"],
)
async def test_of_bytes_that_were_not_declared_nothing_is_left(
    tmp_path: Path, sent: bytes, fault: type[ContentError]
) -> None:
    with pytest.raises(fault):
        async with spooled_upload(chunks(sent), content(), tmp_path):
            pytest.fail("it was taken")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(fault):
        await verify(chunks(sent), content())


async def test_of_bytes_that_break_off_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match="the client is gone"):
        async with spooled_upload(broken(), content(), tmp_path):
            pytest.fail("it was taken")
    assert list(tmp_path.iterdir()) == []


async def test_where_there_is_no_room_nothing_is_left(tmp_path: Path) -> None:
    with room_for(3 * 1024 * 1024), pytest.raises(StoreFullError):
        async with spooled_upload(chunks(), content(), tmp_path):
            pytest.fail("it was taken")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
async def kept(tmp_path: Path) -> Path:
    """Keep the data in a folder; return the path of its file there."""
    store = open_store(str(tmp_path))
    async with spooled_upload(chunks(), content(), store.upload_dir) as file:
        await store.put(file, content().sha256)
    return tmp_path / content().sha256[:2] / content().sha256


async def test_a_whole_file_and_its_parts_are_given(kept: Path) -> None:
    sender = Downloader(open_store(str(kept.parents[1])))
    assert b"".join([piece async for piece in sender.read_all(content())]) == DATA
    assert b"".join([piece async for piece in sender.read_range(content(), 5, 1_000_000)]) == DATA[5:1_000_000]


@pytest.mark.parametrize("damage", [b"?", DATA[:-1], DATA[:-1] + b"!"])
async def test_of_a_damaged_file_the_last_piece_is_never_given(kept: Path, damage: bytes) -> None:
    kept.write_bytes(damage)
    pieces = Downloader(open_store(str(kept.parents[1]))).read_all(content())
    for _ in range((len(damage) - 1) // CHUNK_SIZE):
        assert len(await anext(pieces)) == CHUNK_SIZE
    with pytest.raises(CorruptFileError):
        await anext(pieces)


async def test_of_a_damaged_file_no_part_is_given_even_if_it_was_whole_before(kept: Path) -> None:
    sender = Downloader(open_store(str(kept.parents[1])))
    assert [piece async for piece in sender.read_range(content(), 0, 5)] == [DATA[:5]]
    kept.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(CorruptFileError):
        await anext(sender.read_range(content(), 0, 5))


async def test_a_file_that_is_lost_is_told_as_damage(kept: Path) -> None:
    kept.unlink()
    sender = Downloader(open_store(str(kept.parents[1])))
    with pytest.raises(CorruptFileError, match="is not in the store"):
        await anext(sender.read_all(content()))
    with pytest.raises(CorruptFileError, match="is not in the store"):
        await anext(sender.read_range(content(), 0, 5))
