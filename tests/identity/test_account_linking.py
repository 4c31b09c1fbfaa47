"""Account linking: which account has an identity of the provider, and when an identity is linked to an account."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from resolvers.identity.account_admin import list_accounts
from resolvers.identity.account_linking import Identity, find_account
from tests.support.accounts import EMAIL, enter

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio
ISSUER = "https://id.example.org"
OTHER = "https://other.example.org"
THEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


async def test_an_account_is_found_by_issuer_and_subject_together(database: Database) -> None:
    key = await enter(database, issuer=ISSUER, subject="1")
    assert await find_account(database, Identity(ISSUER, "1")) == key
    assert await find_account(database, Identity(ISSUER, "2")) is None
    assert await find_account(database, Identity(OTHER, "1")) is None


@pytest.mark.parametrize("email", [EMAIL, EMAIL.upper()])
async def test_a_verified_address_links_the_account_that_has_it_and_none_yet(database: Database, email: str) -> None:
    key = await enter(database)
    assert await find_account(database, Identity(ISSUER, "1", email)) == key
    # From now on the subject counts, whatever becomes of the address.
    assert await find_account(database, Identity(ISSUER, "1")) == key
    assert [row.identity for row in await list_accounts(database)] == [f"1 at {ISSUER}"]


async def test_an_address_that_is_not_verified_links_nothing(database: Database) -> None:
    await enter(database)
    assert await find_account(database, Identity(ISSUER, "1", None)) is None


async def test_an_account_that_has_an_identity_is_not_given_another(database: Database) -> None:
    await enter(database, issuer=ISSUER, subject="1")
    for identity in (Identity(ISSUER, "2", EMAIL), Identity(OTHER, "1", EMAIL)):
        assert await find_account(database, identity) is None


async def test_an_address_that_two_accounts_write_differently_links_neither(database: Database) -> None:
    for email in (EMAIL, EMAIL.upper()):
        await enter(database, email)
    assert await find_account(database, Identity(ISSUER, "1", EMAIL)) is None


async def test_a_disabled_account_is_neither_found_nor_linked(database: Database) -> None:
    await enter(database, disabled_at=THEN)
    await enter(database, "other@example.org", issuer=ISSUER, subject="2", disabled_at=THEN)
    assert await find_account(database, Identity(ISSUER, "1", EMAIL)) is None
    assert await find_account(database, Identity(ISSUER, "2", "other@example.org")) is None


async def test_a_letter_that_folds_onto_another_links_nothing(database: Database) -> None:
    await enter(database, "mike@example.org")
    # The Kelvin sign: its small letter is a k.
    assert await find_account(database, Identity(ISSUER, "1", "mi\u212ae@example.org")) is None


async def test_of_several_first_sign_ins_at_once_all_find_the_account_or_one_does(database: Database) -> None:
    key = await enter(database)
    same = await asyncio.gather(*(find_account(database, Identity(ISSUER, "1", EMAIL)) for _ in range(8)))
    assert set(same) == {key}
    await enter(database, "other@example.org")
    rivals = (Identity(ISSUER, str(subject), "other@example.org") for subject in range(10, 18))
    found = await asyncio.gather(*(find_account(database, identity) for identity in rivals))
    assert len(found) - found.count(None) == 1
