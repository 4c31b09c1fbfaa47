"""The demonstration: the public record in an SQLite file of its own, ready to be explored."""

from __future__ import annotations

from server.loading import load
from server.migrations import upgrade
from server.settings import ROOT

DATABASE_URL = f"sqlite:///{ROOT / 'var' / 'demo.db'}"
RECORD = ROOT / "data" / "public_record.json"


def prepare_demo() -> str:
    """Bring the demonstration's database up to date, making it where there is none; give its address."""
    upgrade(DATABASE_URL)
    load(DATABASE_URL, RECORD)
    return DATABASE_URL
