"""Replaces the personal values of stored audit events by pseudonyms, and puts them back on the way down.

The hash of an event covers its values, so the events after the first changed one get new hashes. The audit log is
verified before, and a last event records the head before and after. A landed migration calls this file, so it never
changes.
"""

import datetime as dt
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterator

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from baseline_audit import RULE
from baseline_parts import KEY, MOMENT, on_postgresql

Event = dict[str, object]
#: Returns the states of an event, before and after.
Change = Callable[[sa.Connection, Event], tuple[object, object]]

HASHED = (
    "id sequence at actor_id credential request_id action entity_type entity_id entity_key subject_key before after "
    "reason group_id marking readers names previous_hash"
)
KEYS, JSONS = "id actor_id entity_key subject_key group_id", "before after readers names"
TEXTS = "credential request_id action entity_type entity_id reason marking previous_hash hash"
EVENTS = sa.table(
    "audit_events",
    sa.column("sequence", sa.BigInteger()),
    sa.column("at", MOMENT),
    *(sa.column(name, KEY) for name in KEYS.split()),
    *(sa.column(name, sa.JSON(none_as_null=True)) for name in JSONS.split()),
    *(sa.column(name, sa.String()) for name in TEXTS.split()),
)
PERSON_KEYS = sa.table("person_keys", sa.column("account_id", KEY), sa.column("secret", sa.String()))
VALUES = sa.table(
    "personal_values",
    sa.column("event_id", KEY),
    sa.column("account_id", KEY),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
)
PERSONAL_FIELDS = {"Account": "displayName", "ApiToken": "name"}
GENESIS = "0" * 64
BATCH = 1000
BROKEN = "the audit log is not valid at event {}; run coalition audit verify with the program of the revision before"
OFFLINE = "SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM audit_events) THEN 0 ELSE 1 END"


def seal() -> None:
    """Replace the personal values of all events by pseudonyms; the values go to `personal_values`."""
    _rewrite(_sealed, "Names of persons became pseudonyms in the audit log, so its hashes changed.")


def unseal() -> None:
    """Put the personal values back into the events. Those of an erased person stay erased."""
    _rewrite(_unsealed, "Pseudonyms became names of persons again in the audit log, so its hashes changed.")


def _rewrite(change: Change, reason: str) -> None:
    if op.get_context().as_sql:
        # A script cannot compute hashes: it ends here if the audit log has events.
        op.execute(OFFLINE)
        return
    connection = op.get_bind()
    _open()
    old = new = GENESIS
    sequence = 0
    for event in _events(connection):
        if event["previous_hash"] != old or _hash_of(event) != event["hash"]:
            raise CommandError(BROKEN.format(event["sequence"]))
        old, sequence = str(event["hash"]), int(str(event["sequence"]))
        event["before"], event["after"] = change(connection, event)
        event["previous_hash"] = new
        new = _hash_of(event)
        if new != old:
            written = {"hash": new, **{name: event[name] for name in ("before", "after", "previous_hash")}}
            connection.execute(sa.update(EVENTS).where(EVENTS.c.id == event["id"]).values(written))
    if new != old:
        _record(connection, sequence, old, new, reason)
    _close()


def _events(connection: sa.Connection) -> Iterator[Event]:
    """Yield the events in order; each batch is read before its events are changed."""
    last = 0
    while True:
        page = sa.select(EVENTS).where(EVENTS.c.sequence > last).order_by(EVENTS.c.sequence).limit(BATCH)
        rows = [dict(row) for row in connection.execute(page).mappings()]
        if not rows:
            return
        yield from ({str(name): value for name, value in row.items()} for row in rows)
        last = rows[-1]["sequence"]


def _hash_of(event: Event) -> str:
    values = {name: event[name] for name in HASHED.split()}
    if isinstance(values["at"], dt.datetime):
        values["at"] = _moment(values["at"])
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _sealed(connection: sa.Connection, event: Event) -> tuple[object, object]:
    name = PERSONAL_FIELDS.get(str(event["entity_type"]), "")
    states = {side: event[side] for side in ("before", "after")}
    found = {side: {name: state[name]} for side, state in states.items() if isinstance(state, dict) and state.get(name)}
    if not found:
        return event["before"], event["after"]
    account = str(event["entity_key"])
    for state in states.values():
        if isinstance(state, dict) and "accountId" in state:
            account = str(state["accountId"]).partition(":")[2]
    secret = bytes.fromhex(_secret_of(connection, account))
    for side, values in found.items():
        digest = hmac.digest(secret, str(values[name]).encode(), "sha256").hex()
        states[side] = {**dict(states[side]), name: f"pseudonym:{digest}"}  # type: ignore[call-overload]
    connection.execute(sa.insert(VALUES).values(event_id=event["id"], account_id=account, **found))
    return states["before"], states["after"]


def _secret_of(connection: sa.Connection, account: str) -> str:
    found = connection.scalar(sa.select(PERSON_KEYS.c.secret).where(PERSON_KEYS.c.account_id == account))
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(sa.insert(PERSON_KEYS).values(account_id=account, secret=found))
    return str(found)


def _unsealed(connection: sa.Connection, event: Event) -> tuple[object, object]:
    row = connection.execute(sa.select(VALUES).where(VALUES.c.event_id == event["id"])).mappings().first()
    if row is None:
        return event["before"], event["after"]
    states = [
        {**state, **(row[side] or {})} if isinstance(state := event[side], dict) else state
        for side in ("before", "after")
    ]
    return states[0], states[1]


def _record(connection: sa.Connection, sequence: int, old: str, new: str, reason: str) -> None:
    """Append the event that records the head before and after."""
    key, moment = str(uuid.uuid4()), dt.datetime.now(dt.UTC)
    event: Event = dict.fromkeys(HASHED.split()) | {
        "id": key,
        "sequence": sequence + 1,
        "at": moment if on_postgresql() else _moment(moment),
        "credential": "command line",
        "action": "UPDATE",
        "entity_type": "AuditLog",
        "entity_id": f"AuditLog:{key}",
        "entity_key": key,
        "subject_key": key,
        "before": {"sequence": sequence, "hash": old},
        "after": {"sequence": sequence, "hash": new},
        "reason": reason,
        "names": [],
        "previous_hash": new,
    }
    connection.execute(sa.insert(EVENTS).values(**event, hash=_hash_of(event)))


def _open() -> None:
    """Lock the audit log, and allow changes of its events until `_close`."""
    if not on_postgresql():
        op.execute("DROP TRIGGER audit_events_keep_update")
        return
    op.execute("SELECT * FROM lock_audit_log()")
    op.execute("ALTER TABLE audit_events DISABLE TRIGGER audit_events_keep_row")
    op.execute("GRANT UPDATE ON audit_events TO coalition_operator")
    # The policies of the tables also apply to their owner.
    op.execute("SET LOCAL ROLE coalition_operator")


def _close() -> None:
    if not on_postgresql():
        op.execute(
            "CREATE TRIGGER audit_events_keep_update BEFORE UPDATE ON audit_events "
            f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
        )
        return
    op.execute("RESET ROLE")
    op.execute("REVOKE UPDATE ON audit_events FROM coalition_operator")
    op.execute("ALTER TABLE audit_events ENABLE TRIGGER audit_events_keep_row")
