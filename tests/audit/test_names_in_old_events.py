"""Names in the events of an earlier revision become pseudonyms by the migration, and names again on the way down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import insert, select, text

from models import AuditAction, AuditEvent
from models.base import new_key, now
from resolvers.audit.hash_chain import GENESIS_HASH, ChainHead, hash_of, verify
from resolvers.audit.recorder import event_for_key
from tests.support.accounts import on
from tests.support.database.migrations import SCRIPTS, at, config, run

if TYPE_CHECKING:
    from sqlalchemy import Connection

[MIGRATION] = SCRIPTS.glob("versions/*_erasure_of_persons.py")
SEALED = MIGRATION.name.partition("_")[0]
BEFORE = f"{int(SEALED) - 1:04}"
PERSON, TOKEN, AREA = (f"00000000-0000-7000-8000-00000000000{place}" for place in (1, 2, 3))
TIMES = "'2024-04-03T00:00:00.000000Z', '2024-04-03T00:00:00.000000Z', 1"
ACCOUNT = f"""
INSERT INTO participants (id, created_at, updated_at, version, code, name, kind, beneficiary)
  VALUES ('{PERSON}', {TIMES}, 'EE', 'Estonia', 'STATE', false);
INSERT INTO accounts (id, created_at, updated_at, version, display_name, email, participant_id)
  VALUES ('{PERSON}', {TIMES}, 'Õnne', 'onne@example.org', '{PERSON}');
"""  # noqa: S608 - ours
EVENTS: Any = AuditEvent.__table__
STATES: list[tuple[str, str, Any, Any]] = [
    ("CapabilityArea", AREA, None, {"name": "Cyber"}),
    ("Account", PERSON, None, {"displayName": "Önne", "disabledAt": None}),
    ("ApiToken", TOKEN, None, {"accountId": f"Account:{PERSON}", "name": "Önne's laptop"}),
    ("Account", PERSON, {"displayName": "Önne"}, {"displayName": "Õnne"}),
    ("ApiToken", TOKEN, {"revokedAt": None}, {"revokedAt": "2025-01-01T00:00:00.000000Z"}),
]


def enter(connection: Connection) -> None:
    """Write events as the earlier revision did."""
    previous = GENESIS_HASH
    for place, (name, key, before, after) in enumerate(STATES, start=1):
        event = event_for_key(name, key, AuditAction.UPDATE, before, after)
        rest = dict.fromkeys(("actor_id", "credential", "request_id", "reason"))
        row = {**event, **rest, "id": new_key(), "sequence": place, "at": now(), "previous_hash": previous}
        previous = row["hash"] = hash_of(row)
        connection.execute(insert(EVENTS).values(row))


def events(connection: Connection) -> list[Any]:
    return list(connection.execute(select(EVENTS).order_by(EVENTS.c.sequence)).mappings())


def is_chained(rows: list[Any]) -> bool:
    previous = [GENESIS_HASH, *(row["hash"] for row in rows)]
    return all(row["previous_hash"] == last and row["hash"] == hash_of(row) for row, last in zip(rows, previous))  # noqa: B905


def test_names_in_old_events_become_pseudonyms_and_names_again(empty_url: str) -> None:
    command.upgrade(config(empty_url), BEFORE)
    run(empty_url, ACCOUNT)
    at(empty_url, enter)
    old = at(empty_url, events)
    command.upgrade(config(empty_url), SEALED)
    sealed = at(empty_url, events)
    assert "nne" not in str([(row["before"], row["after"]) for row in sealed])
    assert [row["hash"] == was["hash"] for row, was in zip(sealed, old, strict=False)] == [True, *[False] * 4]
    head = {"sequence": 5, "hash": old[-1]["hash"]}
    assert (sealed[-1]["before"], sealed[-1]["after"]) == (head, {**head, "hash": sealed[-2]["hash"]})
    assert on(empty_url, verify) == ChainHead(6, sealed[-1]["hash"])
    readable = "SELECT CAST(before AS TEXT), CAST(after AS TEXT) FROM personal_values ORDER BY event_id"
    assert len(at(empty_url, lambda connection: connection.execute(text(readable)).all())) == 3
    command.downgrade(config(empty_url), BEFORE)
    back = at(empty_url, events)
    assert [(row["before"], row["after"]) for row in back[:5]] == [(before, after) for *_, before, after in STATES]
    assert (len(back), is_chained(back)) == (7, True)


def test_an_audit_log_that_was_tampered_with_is_not_given_new_hashes(empty_url: str) -> None:
    command.upgrade(config(empty_url), BEFORE)
    run(empty_url, ACCOUNT)
    at(empty_url, enter)
    is_sqlite = empty_url.startswith("sqlite")
    run(
        empty_url,
        "DROP TRIGGER audit_events_keep_update" if is_sqlite else "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    )
    run(empty_url, "UPDATE audit_events SET reason = 'Other' WHERE sequence = 3")
    if is_sqlite:
        stub = "CREATE TRIGGER audit_events_keep_update BEFORE UPDATE ON audit_events BEGIN SELECT 1; END"
        at(empty_url, lambda connection: connection.execute(text(stub)))
    with pytest.raises(CommandError, match="not valid at event 3"):
        command.upgrade(config(empty_url), SEALED)
    assert "nne" in str([row["after"] for row in at(empty_url, events)])
