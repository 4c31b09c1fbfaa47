"""Participants: who they are, and in what role they belonged to the coalition when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from models import CoalitionRole, DatePrecision, ParticipantKind
from tests.support.execute import read
from tests.support.factories import a_coalition_membership, a_contribution, a_participant
from tests.support.rows import allowed, keep, refused, refused_sql

if TYPE_CHECKING:
    from models import Participant
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

BEGINNING, JOINING = dt.date(2023, 9, 19), dt.date(2024, 4, 3)


def a_state(code: str, **changes: Any) -> Participant:
    return a_participant(code, country_code=code, **changes)


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    leads = [a_state("EE"), a_state("LU")]
    denmark = a_state("DK")
    nato = a_participant("NATO", kind=ParticipantKind.ORGANISATION)
    lead = {"role": CoalitionRole.LEAD, "valid_from": BEGINNING, "valid_from_precision": DatePrecision.DAY}
    await keep(
        shared_database,
        a_state("UA", beneficiary=True),
        a_contribution(leads[0]),
        a_participant("NSPA", kind=ParticipantKind.AGENCY),
        *(a_coalition_membership(state, **lead) for state in leads),
        a_coalition_membership(
            denmark, role=CoalitionRole.OBSERVER, valid_from=BEGINNING, valid_to=JOINING - dt.timedelta(days=1)
        ),
        a_coalition_membership(denmark, role=CoalitionRole.PARTICIPANT, valid_from=JOINING),
        a_coalition_membership(nato, role=CoalitionRole.ORGANISATION),
    )
    return shared_database


async def test_a_participant_is_found_by_its_code(record: Database) -> None:
    query = '{ participant(code: "EE") { code name kind countryCode beneficiary version } }'
    expected = {"code": "EE", "name": "The EE", "kind": "STATE", "countryCode": "EE", "beneficiary": False}
    assert await read(record, query) == {"participant": {**expected, "version": 1}}


async def test_an_organisation_has_no_country_code(record: Database) -> None:
    query = "{ participants(where: {countryCode: {isNull: true}}) { nodes { code kind } } }"
    found = [{"code": "NATO", "kind": "ORGANISATION"}, {"code": "NSPA", "kind": "AGENCY"}]
    assert await read(record, query) == {"participants": {"nodes": found}}


async def test_a_participant_keeps_the_roles_it_had_before(record: Database) -> None:
    query = '{ participant(code: "DK") { memberships { nodes { role validFrom validTo } } } }'
    periods = [
        {"role": "OBSERVER", "validFrom": "2023-09-19", "validTo": "2024-04-02"},
        {"role": "PARTICIPANT", "validFrom": "2024-04-03", "validTo": None},
    ]
    assert await read(record, query) == {"participant": {"memberships": {"nodes": periods}}}


async def test_the_leads_are_found_by_their_role(record: Database) -> None:
    query = "{ participants(where: {memberships: {some: {role: {eq: LEAD}}}}) { nodes { code } } }"
    assert await read(record, query) == {"participants": {"nodes": [{"code": "EE"}, {"code": "LU"}]}}


async def test_who_never_belonged_to_the_coalition_is_found_too(record: Database) -> None:
    query = "{ participants(where: {memberships: {none: {}}}) { nodes { code } } }"
    assert await read(record, query) == {"participants": {"nodes": [{"code": "NSPA"}, {"code": "UA"}]}}


@pytest.mark.parametrize(
    ("field", "expected"),
    [("KIND", {"AGENCY": 1, "ORGANISATION": 1, "STATE": 4}), ("BENEFICIARY", {"false": 5, "true": 1})],
)
async def test_participants_are_counted_in_groups(record: Database, field: str, expected: dict[str, int]) -> None:
    query = "query ($by: [ParticipantGroupField!]!) { participants { aggregate { groupBy(by: $by) { %s } } } }"
    answer = await read(record, query % "keys { field value label } count", by=[field])
    groups = answer["participants"]["aggregate"]["groupBy"]
    assert groups == [
        {"keys": [{"field": field, "value": value, "label": None}], "count": count} for value, count in expected.items()
    ]


async def test_a_role_that_ended_may_be_taken_up_again(shared_database: Database) -> None:
    state = a_participant()
    once = {"role": CoalitionRole.OBSERVER, "valid_from": BEGINNING, "valid_to": JOINING}
    again = {"role": CoalitionRole.OBSERVER, "valid_from": dt.date(2025, 1, 1)}
    await allowed(shared_database, a_coalition_membership(state, **once), a_coalition_membership(state, **again))


async def test_only_a_state_has_a_country_code(shared_database: Database) -> None:
    agency = a_participant(kind=ParticipantKind.AGENCY, country_code="BE")
    await refused(shared_database, "ck_participants_country_code_of_a_state", agency)


async def test_a_code_belongs_to_one_participant(shared_database: Database) -> None:
    await refused(shared_database, "uq_participants_code", a_participant("IS"), a_participant("IS"))


async def test_a_country_is_one_participant(shared_database: Database) -> None:
    twins = (a_participant(country_code="IS"), a_participant(country_code="IS"))
    await refused(shared_database, "uq_participants_country_code", *twins)


async def test_a_participant_has_one_current_membership(shared_database: Database) -> None:
    state = a_participant()
    first = a_coalition_membership(state, valid_from=BEGINNING)
    second = a_coalition_membership(state, role=CoalitionRole.LEAD, valid_from=JOINING)
    with pytest.raises(IntegrityError, match="coalition rule membership_periods"):
        await keep(shared_database, first, second)


async def test_a_membership_does_not_end_before_it_begins(shared_database: Database) -> None:
    backwards = a_coalition_membership(a_participant(), valid_from=JOINING, valid_to=BEGINNING)
    await refused(shared_database, "ck_coalition_memberships_period", backwards)


async def test_a_participant_that_others_speak_of_stays(record: Database) -> None:
    statement = "DELETE FROM participants WHERE code = 'EE'"
    await refused_sql(record, "fk_contribution_donors_participant_id", statement)


async def test_the_roles_of_a_past_day_are_those_of_the_memberships_in_force_then(database: Database) -> None:
    first, second, third = (a_participant(code) for code in ("AA", "BB", "CC"))
    await keep(
        database,
        a_coalition_membership(first, role=CoalitionRole.OBSERVER, valid_to=dt.date(2024, 1, 31)),
        a_coalition_membership(first, valid_from=dt.date(2024, 2, 1)),
        a_coalition_membership(second, role=CoalitionRole.LEAD, valid_from=dt.date(2024, 1, 31)),
        a_coalition_membership(third, valid_from=dt.date(2024, 1, 1), valid_to=dt.date(2024, 1, 30)),
    )
    query = """query ($day: Date) {
        coalitionMemberships(asOf: $day) {
            nodes { role participant { code } } aggregate { groupBy(by: [ROLE]) { count } } }
        participant(code: "AA") { memberships(asOf: $day) { totalCount nodes { role } } } }"""

    async def roles(day: str | None) -> set[str]:
        found = await read(database, query, day=day)
        listed = found["coalitionMemberships"]
        assert sum(each["count"] for each in listed["aggregate"]["groupBy"]) == len(listed["nodes"])
        assert found["participant"]["memberships"]["totalCount"] == (1 if day else 2)
        return {f"{each['participant']['code']} {each['role']}" for each in listed["nodes"]}

    assert await roles("2023-12-31") == {"AA OBSERVER"}
    assert await roles("2024-01-30") == {"AA OBSERVER", "CC PARTICIPANT"}
    assert await roles("2024-01-31") == {"AA OBSERVER", "BB LEAD"}
    assert await roles("2024-02-01") == {"AA PARTICIPANT", "BB LEAD"}
    assert len(await roles(None)) == 4
