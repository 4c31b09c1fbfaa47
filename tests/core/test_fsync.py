"""Files and folders that must be durable are synced to disk, one by one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from resolvers.core.fsync import fsync_file, fsync_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return the inode of each synced file or folder, and its size at the moment of the sync."""
    found: list[tuple[int, int]] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        status = os.fstat(descriptor)
        found.append((status.st_ino, status.st_size))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return found


def test_a_file_is_synced_with_all_that_was_buffered(tmp_path: Path, synced: list[tuple[int, int]]) -> None:
    place = tmp_path / "file"
    with place.open("wb") as file:
        file.write(b"some")
        fsync_file(file)
    assert synced == [(place.stat().st_ino, 4)]


def test_a_folder_is_synced_and_closed_again(tmp_path: Path, synced: list[tuple[int, int]]) -> None:
    free = os.dup(0)
    os.close(free)
    fsync_folder(tmp_path)
    assert [number for number, _ in synced] == [tmp_path.stat().st_ino]
    assert os.dup(0) == free
    os.close(free)


def test_a_folder_that_is_not_there_is_no_silent_success(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fsync_folder(tmp_path / "nowhere")
