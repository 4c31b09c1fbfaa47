"""The four personas of the demonstration, which show what each role can see of the same record."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, insert, select

from models import (
    Account,
    ApiToken,
    CapabilityNeed,
    Contact,
    ExpertGroup,
    GroupMembership,
    GroupRole,
    Participant,
    Scope,
)
from models.base import new_key, now
from resolvers.identity.api_tokens import insert_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

TOKEN_NAME = "demonstration"  # noqa: S105 - the name of the tokens, not a token
LIFETIME = dt.timedelta(days=30)
SINCE = dt.date(2024, 4, 3)
#: How a reference of the fictional set begins.
FICTIONAL = "DEMO-"


class Persona(NamedTuple):
    """A persona of the demonstration: an account with a role and a title, but no invented person."""

    email: str
    title: str
    participant: str
    group: str
    role: GroupRole


PERSONAS = (
    Persona("secretary@example.org", "Secretary of a lead (Estonia)", "EE", "EG1", GroupRole.SECRETARY),
    Persona("chair@example.org", "Chair of EG1 (Denmark)", "DK", "EG1", GroupRole.CHAIR),
    Persona("member@example.org", "Member of EG2 (Lithuania)", "LT", "EG2", GroupRole.MEMBER),
    Persona("observer@example.org", "Observer in EG1 (Poland)", "PL", "EG1", GroupRole.OBSERVER),
)


@unique
class DemoState(Enum):
    """What a database is to the demonstration."""

    FOREIGN = "It is not that of a demonstration."
    ERASED = "It is that of a demonstration whose personas are all erased."
    READY = "One of the personas has an account in it."


async def demo_state(database: Database) -> DemoState:
    """Return whether a database is that of a demonstration: by its personas, or their erasure and its fictional set."""
    async with database.bypass_policies("the demonstration looks for its personas", read_only=True).connect() as found:
        if not await found.run_sync(lambda sync: sync.dialect.has_table(sync, Account.__tablename__)):
            return DemoState.FOREIGN
        emails = [persona.email for persona in PERSONAS]
        if (await found.execute(select(Account.id).where(Account.email.in_(emails)).limit(1))).first() is not None:
            return DemoState.READY
        erased = await found.scalar(select(func.count()).where(Account.erased_at.is_not(None)))
        fictional = select(CapabilityNeed.id).where(CapabilityNeed.reference.startswith(FICTIONAL)).limit(1)
        is_demo = (erased or 0) >= len(PERSONAS) and (await found.execute(fictional)).first() is not None
        return DemoState.ERASED if is_demo else DemoState.FOREIGN


async def enter_personas(database: Database) -> dict[str, str]:
    """Create the accounts of the missing personas; return the keys of all by the first part of the email address.

    The public record must be loaded before.
    """
    async with database.bypass_policies("the demonstration creates its personas", unaudited=True).begin() as connection:
        return {each.email.partition("@")[0]: await _account(connection, each) for each in PERSONAS}


async def make_personas(database: Database) -> Sequence[tuple[str, str]]:
    """Create the personas in a database that has none, and create a new token for each that is there.

    Tokens of earlier starts stay valid until they expire, because another start may be running with them.
    Return the title and the token of each persona; the title says if the account is disabled. A persona that was
    erased is left out: its place in the group can be another person's by now. The public record must be loaded before.
    """
    async with database.bypass_policies("the demonstration creates its personas", unaudited=True).begin() as connection:
        made = []
        found = {each: key for each in PERSONAS if (key := await _find(connection, each))}
        for persona, account in (found or {each: await _account(connection, each) for each in PERSONAS}).items():
            disabled = await connection.scalar(select(Account.disabled_at).where(Account.id == account))
            title = f"{persona.title}, DISABLED until a lead enables this account" if disabled else persona.title
            await _delete_expired_tokens(connection, account)
            token = await insert_token(connection, account, TOKEN_NAME, Scope, LIFETIME)
            made.append((title, token.text))
    return made


async def _find(connection: AsyncConnection, persona: Persona) -> str | None:
    return (await connection.execute(select(Account.id).where(Account.email == persona.email))).scalar_one_or_none()


async def _account(connection: AsyncConnection, persona: Persona) -> str:
    if found := await _find(connection, persona):
        return found
    participant = await connection.scalar(select(Participant.id).where(Participant.code == persona.participant))
    group = await connection.scalar(select(ExpertGroup.id).where(ExpertGroup.code == persona.group))
    key = new_key()
    await connection.execute(
        insert(Account).values(id=key, email=persona.email, display_name=persona.title, participant_id=participant)
    )
    await connection.execute(insert(Contact).values(account_id=key, email=persona.email))
    await connection.execute(
        insert(GroupMembership).values(group_id=group, account_id=key, role=persona.role, valid_from=SINCE)
    )
    return key


async def _delete_expired_tokens(connection: AsyncConnection, account: str) -> None:
    """Delete what no start can use any more: every start adds four."""
    held = (ApiToken.account_id == account, ApiToken.name == TOKEN_NAME)
    await connection.execute(delete(ApiToken).where(*held, ApiToken.expires_at < now()))
