"""Participants are entered by the leads, and belong to the coalition in one role at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from models import CoalitionMembership
from resolvers.commands.integrity_errors import violation_of
from tests.support.factories import a_coalition_membership
from tests.support.mutations import changed, refused
from tests.support.rows import keep
from tests.support.small_coalition import World, an_id

pytestmark = pytest.mark.anyio

MEMBERSHIPS = "memberships(orderBy: [{field: VALID_FROM}]) { nodes { id role instrument validFrom validTo } }"
PARTICIPANT = f"participant {{ id version code countryCode {MEMBERSHIPS} }}"
JOINED = {"role": "OBSERVER", "instrument": "Letter of intent", "validFrom": "2024-01-01", "validTo": "2024-12-31"}
STAYED = {"role": "PARTICIPANT", "validFrom": "2025-01-01"}


async def a_participant(world: World, *memberships: dict[str, Any], **given: Any) -> Any:
    """Have a lead enter Norway."""
    lead = await world.viewer("lead")
    values = {"code": "NO", "name": "Norway", "kind": "STATE", "countryCode": "NO", "memberships": memberships, **given}
    return await changed(world.database, lead, "createParticipant", PARTICIPANT, **values)


async def test_a_lead_enters_a_participant_with_its_memberships(world: World) -> None:
    made = await a_participant(world, STAYED, JOINED)
    roles = [(each["role"], each["validFrom"], each["validTo"]) for each in made["memberships"]["nodes"]]
    assert roles == [("OBSERVER", "2024-01-01", "2024-12-31"), ("PARTICIPANT", "2025-01-01", None)]
    assert (made["code"], made["countryCode"]) == ("NO", "NO")


async def test_a_lead_does_not_prolong_the_role_of_his_own_participant(world: World) -> None:
    given = {"id": an_id(world.leads), "expectedVersion": 1, "memberships": [{**STAYED, "role": "LEAD"}]}
    given["reason"] = "It stays longer"
    error = await refused(world.database, await world.viewer("lead"), "updateParticipant", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [(["input", "memberships"], "oneself")]


async def test_nobody_but_a_lead_enters_one(world: World) -> None:
    given = {"code": "NO", "name": "Norway", "kind": "STATE"}
    for name in ("chair", "other"):
        error = await refused(world.database, await world.viewer(name), "createParticipant", **given)
        assert error["code"] == "FORBIDDEN"


async def test_only_a_state_has_a_country_code(world: World) -> None:
    given = {"code": "NATO", "name": "NATO", "kind": "ORGANISATION", "countryCode": "NO"}
    error = await refused(world.database, await world.viewer("lead"), "createParticipant", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [
        (["input", "countryCode"], "country_code_of_a_state")
    ]


async def test_the_periods_of_a_participant_have_no_day_in_common(world: World) -> None:
    lead = await world.viewer("lead")
    meeting = {"role": "LEAD", "validFrom": "2024-12-31"}
    backwards = {"role": "LEAD", "validFrom": "2021-12-31", "validTo": "2020-01-01"}
    given = {"code": "NO", "name": "Norway", "kind": "STATE", "memberships": [JOINED, meeting, backwards]}
    error = await refused(world.database, lead, "createParticipant", **given)
    assert {(".".join(each["path"]), each["rule"]) for each in error["violations"]} == {
        ("input.memberships.1.validFrom", "membership_periods"),
        ("input.memberships.2.validTo", "period"),
    }


async def test_one_membership_ends_and_the_next_begins_in_one_change(world: World) -> None:
    made = await a_participant(world, {"role": "OBSERVER", "validFrom": "2024-01-01"})
    [first] = made["memberships"]["nodes"]
    ended = {"id": first["id"], "role": "OBSERVER", "validFrom": "2024-01-01", "validTo": "2024-12-31"}
    given = {"id": made["id"], "expectedVersion": 1, "memberships": [ended, STAYED]}
    error = await refused(world.database, await world.viewer("lead"), "updateParticipant", **given)
    assert (error["path"], "Say why it ends on 2024-12-31." in error["message"]) == (["input", "reason"], True)
    given["reason"] = "It signed the instrument."
    found = await changed(world.database, await world.viewer("lead"), "updateParticipant", PARTICIPANT, **given)
    assert [each["role"] for each in found["memberships"]["nodes"]] == ["OBSERVER", "PARTICIPANT"]
    assert found["memberships"]["nodes"][0]["id"] == first["id"]


async def test_a_list_that_is_sent_anew_without_ids_takes_the_place_of_what_was_there(world: World) -> None:
    made = await a_participant(world, JOINED, STAYED)
    given = {"id": made["id"], "expectedVersion": 1, "memberships": [JOINED, STAYED], "reason": "Entered anew."}
    found = await changed(world.database, await world.viewer("lead"), "updateParticipant", PARTICIPANT, **given)
    before, after = ({each["id"] for each in one["memberships"]["nodes"]} for one in (made, found))
    assert len(after) == 2
    assert not before & after


async def test_the_database_itself_holds_the_periods_apart(world: World) -> None:
    again = a_coalition_membership(world.home, valid_to=dt.date(2020, 1, 1))
    with pytest.raises(IntegrityError) as caught:
        await keep(world.database, again)
    assert violation_of(caught.value, CoalitionMembership).rule == "membership_periods"


async def test_a_membership_of_another_participant_is_not_taken_over(world: World) -> None:
    made = await a_participant(world, STAYED)
    [theirs] = made["memberships"]["nodes"]
    lead = await world.viewer("lead")
    given = {"id": an_id(world.home), "expectedVersion": 1, "memberships": [{"id": theirs["id"], "role": "LEAD"}]}
    error = await refused(world.database, lead, "updateParticipant", **given)
    assert [(each["path"], each["rule"]) for each in error["violations"]] == [
        (["input", "memberships", "0", "id"], "reference")
    ]
