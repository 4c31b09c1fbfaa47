"""Files to load: the public record, a small one that tests change, and the rows that a database has of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import Base
from models.search.search_entries import IndexedWords

if TYPE_CHECKING:
    from sqlalchemy import Column, Table

    from resolvers.database.database import Database

RECORD = Path(__file__).parents[2] / "data" / "public_record.json"

Document = dict[str, Any]
Dump = dict[str, dict[tuple[Any, ...], dict[str, Any]]]

SMALL: Document = {
    "participants": [
        {"code": "EE", "name": "Estonia", "kind": "STATE", "memberships": [{"role": "LEAD"}]},
        {"code": "NATO", "name": "NATO", "kind": "ORGANISATION"},
        {"code": "PL", "name": "Poland", "kind": "STATE", "memberships": [{"role": "OBSERVER"}]},
    ],
    "expertGroups": [{"ordinal": 1, "code": "EG1", "themeStatus": "PLACEHOLDER", "createdBy": "SG-2/1"}],
    "roadmaps": [
        {"reference": "RM-1", "title": "First", "horizon": "2024", "status": "DRAFT"},
        {"reference": "RM-2", "title": "Second", "horizon": "to 2027", "status": "ENDORSED", "endorsedBy": "SG-2/3"},
    ],
    "meetings": [
        {
            "reference": "SG-2",
            "body": "STEERING_GROUP",
            "title": "Second meeting",
            "note": "In Luxembourg.",
            "agenda": [{"title": "Procurements"}, {"title": "Roadmap"}],
            "attendances": [{"participant": "EE"}, {"participant": "NATO"}],
            "decisions": [
                {"reference": "SG-2/1", "kind": "OTHER", "text": "Groups.", "targets": [{"expertGroup": "EG1"}]},
                {"reference": "SG-2/2", "kind": "OTHER", "text": "Members.", "targets": [{"participant": "EE"}]},
                {"reference": "SG-2/3", "kind": "ROADMAP", "text": "Roadmap.", "targets": [{"roadmap": "RM-2"}]},
            ],
        }
    ],
    "contributions": [
        {
            "reference": "CON-001",
            "kind": "CASH",
            "amount": {"amount": "10", "currency": "EUR"},
            "donors": [{"participant": "EE"}, {"participant": "PL"}],
            "allocations": [{"procurement": "PROC-001", "amount": {"amount": "5", "currency": "EUR"}}],
        }
    ],
    "procurements": [{"reference": "PROC-001", "title": "Laptops", "funders": ["EE"]}],
    "publishedFigures": [{"reference": "FIG-001", "measure": "OBSERVERS", "value": 7}],
}


def written(folder: Path, document: object) -> Path:
    """Write a document to a file; return the file."""
    file = folder / "record.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


async def dump(database: Database) -> Dump:
    """Return every row of every table, by its key.

    The words of the search index are left out, because each engine has its own form of them.
    """
    async with database.bypass_policies("a test looks behind the policies").connect() as connection:
        return {
            table.name: {
                tuple(row[column.name] for column in table.primary_key): dict(row)
                for row in (await connection.execute(select(*_compared(table)))).mappings()
            }
            for table in Base.metadata.sorted_tables
        }


def _compared(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if not isinstance(column.type, IndexedWords)]
