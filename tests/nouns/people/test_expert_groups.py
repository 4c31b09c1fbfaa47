"""Expert groups: the known facts about them, their members, and the objects in their care."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from models import ExpertGroupStatus, GroupRole, MeetingBody, ThemeStatus
from models.people.expert_groups import EXPERT_GROUP_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import (
    a_capability_area,
    a_decision,
    a_document,
    a_group_membership,
    a_meeting,
    a_need,
    a_participant,
    a_procurement,
    an_account,
    an_expert_group,
)
from tests.support.rows import allowed, changes, keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    creation = a_decision(a_meeting("SG-2", body=MeetingBody.STEERING_GROUP, number=2), "SG-2/1")
    groups = [an_expert_group(f"EG{number}", ordinal=number, created_by=creation) for number in (4, 2, 3, 1)]
    first = groups[-1]
    first.name, first.theme, first.theme_status = "Networks", "Networks in the field", ThemeStatus.PUBLISHED
    await keep(
        shared_database,
        *groups,
        a_document("DOC-1", group=groups[0], shared_with=[first]),
        a_document("DOC-2", group=first),
        a_need(a_capability_area(), "NEED-1", group=first),
        a_procurement("PROC-1", group=first),
        a_meeting("EG1-1", body=MeetingBody.EXPERT_GROUP, group=first),
        a_group_membership(first, an_account(a_participant("EE"), "chair@example.org"), role=GroupRole.CHAIR),
    )
    return shared_database


async def test_the_groups_stand_in_their_own_order(record: Database) -> None:
    answer = await read(record, "{ expertGroups { totalCount nodes { code } } }")
    codes = [{"code": f"EG{number}"} for number in (1, 2, 3, 4)]
    assert answer == {"expertGroups": {"totalCount": 4, "nodes": codes}}


async def test_a_group_without_a_published_theme_is_marked_so(record: Database) -> None:
    answer = await read(record, '{ expertGroup(code: "EG2") { name theme themeStatus mandate status } }')
    unknown = {"name": None, "theme": None, "themeStatus": "PLACEHOLDER", "mandate": None, "status": "ACTIVE"}
    assert answer == {"expertGroup": unknown}


async def test_a_group_names_the_decision_that_created_it(record: Database) -> None:
    answer = await read(record, '{ expertGroup(code: "EG3") { createdBy { reference meeting { reference number } } } }')
    creation = {"reference": "SG-2/1", "meeting": {"reference": "SG-2", "number": 2}}
    assert answer == {"expertGroup": {"createdBy": creation}}


async def test_a_group_shows_all_that_is_in_its_care(record: Database) -> None:
    query = """{ expertGroup(code: "EG1") {
        documents { nodes { reference } }
        sharedDocuments { nodes { reference group { code } } }
        capabilityNeeds { nodes { reference } }
        procurements { nodes { reference } }
        meetings { nodes { reference } }
        memberships { nodes { role validFrom expiresOn account { displayName participant { code } } } }
    } }"""
    chair = {"role": "CHAIR", "validFrom": "2024-04-03", "expiresOn": None}
    assert await read(record, query) == {
        "expertGroup": {
            "documents": {"nodes": [{"reference": "DOC-2"}]},
            "sharedDocuments": {"nodes": [{"reference": "DOC-1", "group": {"code": "EG4"}}]},
            "capabilityNeeds": {"nodes": [{"reference": "NEED-1"}]},
            "procurements": {"nodes": [{"reference": "PROC-1"}]},
            "meetings": {"nodes": [{"reference": "EG1-1"}]},
            "memberships": {
                "nodes": [{**chair, "account": {"displayName": "chair", "participant": {"code": "EE"}}}],
            },
        }
    }


async def test_groups_are_counted_by_whether_their_theme_is_known(record: Database) -> None:
    query = "{ expertGroups { aggregate { groupBy(by: [THEME_STATUS, STATUS]) { keys { value } count } } } }"
    answer = await read(record, query)
    assert answer["expertGroups"]["aggregate"]["groupBy"] == [
        {"keys": [{"value": "PLACEHOLDER"}, {"value": "ACTIVE"}], "count": 3},
        {"keys": [{"value": "PUBLISHED"}, {"value": "ACTIVE"}], "count": 1},
    ]


def test_a_group_ends_its_work_and_begins_anew() -> None:
    assert changes(ExpertGroupStatus, "ACTIVE → DISSOLVED", "DISSOLVED → ACTIVE") == EXPERT_GROUP_TRANSITIONS


async def test_a_code_belongs_to_one_group(shared_database: Database) -> None:
    await refused(shared_database, "uq_expert_groups_code", an_expert_group("EG9"), an_expert_group("EG9"))


async def test_a_number_belongs_to_one_group(shared_database: Database) -> None:
    twins = (an_expert_group(ordinal=900), an_expert_group(ordinal=900))
    await refused(shared_database, "uq_expert_groups_ordinal", *twins)


async def test_groups_are_numbered_from_one(shared_database: Database) -> None:
    await refused(shared_database, "ck_expert_groups_ordinal", an_expert_group(ordinal=0))


async def test_a_membership_does_not_expire_before_it_begins(shared_database: Database) -> None:
    person = an_account(a_participant())
    backwards = a_group_membership(an_expert_group(), person, expires_on=dt.date(2024, 4, 2))
    await refused(shared_database, "ck_group_memberships_period", backwards)


async def test_a_person_joins_a_group_once_a_day(shared_database: Database) -> None:
    group, person = an_expert_group(), an_account(a_participant())
    twins = (a_group_membership(group, person), a_group_membership(group, person, role=GroupRole.SECRETARY))
    await refused(shared_database, "uq_group_memberships_group_id_account_id_valid_from", *twins)


async def test_a_group_has_one_chair_at_a_time(shared_database: Database) -> None:
    group, employer = an_expert_group(), a_participant()
    chairs = [a_group_membership(group, an_account(employer), role=GroupRole.CHAIR) for _ in range(2)]
    with pytest.raises(IntegrityError, match="coalition rule one_chair"):
        await keep(shared_database, *chairs)


async def test_a_group_may_have_a_chair_after_another(shared_database: Database) -> None:
    group, employer = an_expert_group(), a_participant()
    past = {"role": GroupRole.CHAIR, "expires_on": dt.date(2024, 12, 31)}
    await allowed(
        shared_database,
        a_group_membership(group, an_account(employer), **past),
        a_group_membership(group, an_account(employer), role=GroupRole.CHAIR, valid_from=dt.date(2025, 1, 1)),
        a_group_membership(group, an_account(employer), role=GroupRole.CO_CHAIR),
    )
