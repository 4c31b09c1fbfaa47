"""Finds the newest backup in a folder of backups."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from resolvers.backup.manifest import MANIFEST, BackupError, Manifest

if TYPE_CHECKING:
    from pathlib import Path


def newest_backup(folder: Path) -> dt.datetime | None:
    """Return when the newest backup in `folder` was taken; None if there is none. Other folders are skipped.

    Raises OSError if the folder cannot be read.
    """
    manifests = [place / MANIFEST for place in folder.iterdir() if (place / MANIFEST).is_file()]
    for manifest in sorted(manifests, key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            taken_at = dt.datetime.fromisoformat(Manifest.read(manifest.parent).taken_at)
        except (BackupError, ValueError):
            continue
        return taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=dt.UTC)
    return None
