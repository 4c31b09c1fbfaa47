"""Accounts: the people of the participants, shown by name and never by address."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from models import GroupRole
from tests.support.execute import ask, read
from tests.support.factories import a_group_membership, a_participant, an_account, an_expert_group
from tests.support.rows import keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    person = an_account(a_participant("EE"), "mari@example.org", display_name="Mari")
    membership = {"role": GroupRole.SECRETARY, "valid_from": dt.date(2024, 4, 3), "expires_on": dt.date(2026, 4, 3)}
    await keep(shared_database, a_group_membership(an_expert_group("EG1"), person, **membership))
    return shared_database


async def test_a_person_is_known_by_name_participant_and_groups(record: Database) -> None:
    query = """{ participant(code: "EE") { accounts { nodes {
        displayName participant { code } groupMemberships { nodes { role validFrom expiresOn group { code } } }
    } } } }"""
    membership = {"role": "SECRETARY", "validFrom": "2024-04-03", "expiresOn": "2026-04-03", "group": {"code": "EG1"}}
    person = {"displayName": "Mari", "participant": {"code": "EE"}, "groupMemberships": {"nodes": [membership]}}
    assert await read(record, query) == {"participant": {"accounts": {"nodes": [person]}}}


@pytest.mark.parametrize(
    "query",
    [
        '{ participant(code: "EE") { accounts { nodes { email } } } }',
        '{ participant(code: "EE") { accounts(where: {email: {eq: "mari@example.org"}}) { totalCount } } }',
        '{ participant(code: "EE") { accounts(orderBy: [{field: EMAIL}]) { totalCount } } }',
    ],
)
async def test_an_address_can_be_neither_read_nor_guessed(record: Database, query: str) -> None:
    answer = await ask(record, query)
    assert answer.data is None
    assert len(answer.errors) == 1


async def test_an_address_belongs_to_one_account(shared_database: Database) -> None:
    employer = a_participant()
    twins = [an_account(employer, "twice@example.org") for _ in range(2)]
    await refused(shared_database, "uq_accounts_email", *twins)
