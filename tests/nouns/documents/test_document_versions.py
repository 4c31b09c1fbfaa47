"""Versions of documents: their declared values never change, and the state of the file only moves forward."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models import VersionState
from models.base import new_key
from models.documents.document_versions import VERSION_TRANSITIONS
from models.types import utc_text
from tests.support.factories import a_document, a_document_version
from tests.support.rows import changes, keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

WITHDRAWN_AT = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


async def test_a_label_belongs_to_one_version_of_a_document(shared_database: Database) -> None:
    paper = a_document()
    twins = (a_document_version(paper, "1.0"), a_document_version(paper, "1.0"))
    await refused(shared_database, "uq_document_versions_document_id_label", *twins)


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_document_versions_byte_size", {"byte_size": -1}),
        ("ck_document_versions_sha256", {"sha256": SHA256[:-1]}),
        ("ck_document_versions_withdrawn_at", {"state": VersionState.WITHDRAWN}),
        ("ck_document_versions_withdrawal_reason", {"withdrawal_reason": "Wrong."}),
        ("ck_document_versions_purged_at", {"purged_at": WITHDRAWN_AT}),
    ],
)
async def test_a_version_is_refused_whose_measures_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, a_document_version(a_document(), **fault))


def test_the_state_of_a_version_goes_only_forward() -> None:
    assert (
        changes(
            VersionState,
            "DECLARED → QUARANTINED → AVAILABLE → REJECTED",
            "DECLARED → AVAILABLE",
            "QUARANTINED → REJECTED",
            "DECLARED → WITHDRAWN",
            "QUARANTINED → WITHDRAWN",
            "AVAILABLE → WITHDRAWN",
        )
        == VERSION_TRANSITIONS
    )


async def written(database: Database, state: VersionState, statement: str, **changes: Any) -> str:
    """Write to a version in this state; return the database's refusal, or the empty text if there is none."""
    key = new_key()
    if state is VersionState.WITHDRAWN:
        changes |= {"withdrawn_at": WITHDRAWN_AT, "withdrawal_reason": "Wrong."}
    await keep(database, a_document_version(a_document(), id=key, state=state, **changes))
    async with database.bypass_policies("a test writes behind the commands").connect() as connection:
        try:
            await connection.execute(text(f"{statement} WHERE id = '{key}'"))
        except IntegrityError as refusal:
            return str(refusal.orig)
    return ""


@pytest.mark.parametrize("state", VersionState)
@pytest.mark.parametrize(
    "change",
    [
        "label = 'another'",
        "notes = 'another'",
        "file_name = 'another'",
        "media_type = 'text/html'",
        "byte_size = 7",
        f"sha256 = '{SHA256}'",
        "created_at = '2020-01-01 00:00:00+00'",
    ],
)
async def test_what_a_version_declared_never_changes(
    shared_database: Database, state: VersionState, change: str
) -> None:
    said = await written(shared_database, state, f"UPDATE document_versions SET {change}")  # noqa: S608 - ours
    assert "A version never changes: add another version." in said


async def test_a_version_never_moves_to_another_document(shared_database: Database) -> None:
    another = new_key()
    await keep(shared_database, a_document(id=another))
    statement = f"UPDATE document_versions SET document_id = '{another}'"  # noqa: S608 - ours
    assert "A version never changes" in await written(shared_database, VersionState.DECLARED, statement)


@pytest.mark.parametrize("after", VersionState)
@pytest.mark.parametrize("before", VersionState)
async def test_the_database_lets_a_version_change_its_state_as_the_rules_say(
    shared_database: Database, before: VersionState, after: VersionState
) -> None:
    statement = f"UPDATE document_versions SET state = '{after.name}'"  # noqa: S608 - ours
    if before is not after is VersionState.WITHDRAWN:
        statement += f", withdrawn_at = '{utc_text(WITHDRAWN_AT)}', withdrawal_reason = 'Wrong.'"
    said = await written(shared_database, before, statement)
    allowed = after is before or after in VERSION_TRANSITIONS[before]
    assert (said == "") == allowed
    assert allowed or "The state of a version only moves forward." in said


@pytest.mark.parametrize("column", ["received_at", "scanned_at"])
async def test_when_bytes_arrived_and_were_scanned_is_written_once(shared_database: Database, column: str) -> None:
    moment = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    for value in ("NULL", "'2020-01-01 00:00:00+00'"):
        statement = f"UPDATE document_versions SET {column} = {value}"  # noqa: S608 - ours
        assert "only moves forward" in await written(
            shared_database, VersionState.AVAILABLE, statement, **{column: moment}
        )
        assert await written(shared_database, VersionState.AVAILABLE, statement) == ""


@pytest.mark.parametrize("state", VersionState)
async def test_a_version_that_has_had_its_bytes_is_never_deleted(
    shared_database: Database, state: VersionState
) -> None:
    said = await written(shared_database, state, "DELETE FROM document_versions")
    assert said == "" if state is VersionState.DECLARED else "is never deleted" in said
