"""Pseudonyms of personal values in audit events, so that a person can be erased and the audit log stays valid.

An event stores a keyed pseudonym in place of a personal value: its HMAC-SHA256 under the key of the person. The hash
of the event covers the pseudonym. The readable value is in `personal_values`, and `before` and `after` show it. When
the person is erased, the key is destroyed and the readable values are replaced. Then the pseudonyms mean nothing, not
even to a reader who guesses the value, and every hash is the same as before.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from models import ERASED, AuditEvent, PersonalValues, PersonKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select

#: The fields with personal values in events about each type. Events about other types mention persons by their ids.
PERSONAL_FIELDS: Mapping[str, frozenset[str]] = {"Account": frozenset({"displayName"}), "ApiToken": frozenset({"name"})}

SIDES = ("before", "after")

#: What a pseudonym starts with.
PREFIX = "pseudonym:"

EVENTS: Any = AuditEvent.__table__
VALUES: Any = PersonalValues.__table__
KEYS: Any = PersonKey.__table__


def pseudonym(secret: str, value: str) -> str:
    """Return the pseudonym of a value under the key of its person."""
    return PREFIX + hmac.digest(bytes.fromhex(secret), value.encode(), "sha256").hex()


def seal(connection: Connection, event: dict[str, Any]) -> dict[str, Any] | None:
    """Replace the personal values of a new event by pseudonyms.

    Return the row of `personal_values` with the readable values; None if the event has none.
    """
    readable = {side: _personal(event, side) for side in SIDES}
    if not any(readable.values()):
        return None
    account = _person(event)
    secret = _key_of(connection, account)
    for side, values in readable.items():
        if values:
            event[side] = {**event[side], **{name: pseudonym(secret, value) for name, value in values.items()}}
    return {"event_id": event["id"], "account_id": account, **readable}


def _personal(event: Mapping[str, Any], side: str) -> dict[str, str] | None:
    """Return the personal values on one side of an event; None if there are none."""
    names = PERSONAL_FIELDS.get(event["entity_type"], frozenset())
    found = {name: value for name, value in (event[side] or {}).items() if name in names and value is not None}
    return found or None


def _person(event: Mapping[str, Any]) -> str:
    """Return the key of the account that an event with personal values is about."""
    state = {**(event["before"] or {}), **(event["after"] or {})}
    return str(state["accountId"]).partition(":")[2] if "accountId" in state else str(event["entity_key"])


def _key_of(connection: Connection, account: str) -> str:
    """Return the key of a person; create it if there is none. The caller has locked the audit log."""
    found = connection.scalar(select(KEYS.c.secret).where(KEYS.c.account_id == account))
    if found is not None:
        return str(found)
    secret = secrets.token_hex(32)
    connection.execute(insert(KEYS).values(account_id=account, secret=secret))
    return secret


def sealed_events() -> Select[*tuple[Any, ...]]:
    """Return a SELECT of all events in order, with what `find_forgery` compares their pseudonyms with."""
    readable = [VALUES.c[side].label(f"readable_{side}") for side in SIDES]
    return (
        select(EVENTS, *readable, KEYS.c.secret)
        .outerjoin(VALUES, VALUES.c.event_id == EVENTS.c.id)
        .outerjoin(KEYS, KEYS.c.account_id == VALUES.c.account_id)
        .order_by(EVENTS.c.sequence, EVENTS.c.id)
    )


def find_forgery(event: Mapping[str, Any]) -> str | None:
    """Return the field of an event, from `sealed_events`, whose readable value is not the recorded one; None if none.

    Without the key of the person, the readable value must say that the person is erased.
    """
    for side in SIDES:
        readable = event[f"readable_{side}"] or {}
        sealed = _personal(event, side) or {}
        if readable.keys() != sealed.keys():
            return side
        for name, value in readable.items():
            if not (value == ERASED if event["secret"] is None else sealed[name] == pseudonym(event["secret"], value)):
                return f"{side}.{name}"
    return None
