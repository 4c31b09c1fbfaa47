"""The times of a meeting: what a change leaves out follows what it sends, and an exact start makes a date exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.meetings import meet, refusal, run

if TYPE_CHECKING:
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

TIMES = "meeting { id version heldOn heldOnPrecision startsAt endsAt }"


async def timed(world: World, meeting: Any, **given: Any) -> list[Any]:
    """Change the times of a meeting; return its date with its precision, its start and its end."""
    meeting |= await run(world, "member", "updateMeeting", meeting, TIMES, **given)
    return [meeting[name] for name in ("heldOn", "heldOnPrecision", "startsAt", "endsAt")]


async def test_the_end_of_a_meeting_moves_with_its_start_unless_it_is_sent(world: World) -> None:
    morning = {"startsAt": "2027-07-15T09:00:00.000000Z", "endsAt": "2027-07-15T11:00:00.000000Z"}
    meeting = await meet(world, "EG1-1", None, **morning)
    for day in ("2027-07-20", "2027-07-12"):
        found = await timed(world, meeting, startsAt=f"{day}T09:00:00.000000Z")
        assert found == [day, "DAY", f"{day}T09:00:00.000000Z", f"{day}T11:00:00.000000Z"]
    assert (await timed(world, meeting, **morning))[2:] == [*morning.values()]
    # The end that is sent is the end that is meant, also if it is the present one.
    assert await refusal(world, "member", "updateMeeting", meeting, startsAt="2027-07-16T09:00:00.000000Z",
                         endsAt=morning["endsAt"]) == ("endsAt", "ends_after_start")  # fmt: skip
    assert await refusal(world, "member", "updateMeeting", meeting, startsAt=None) == ("startsAt", "ends_after_start")
    assert await refusal(world, "member", "updateMeeting", meeting, endsAt="2027-07-15T08:00:00.000000Z") == (
        "endsAt", "ends_after_start",
    )  # fmt: skip


async def test_a_start_within_a_vague_date_makes_the_date_exact(world: World) -> None:
    for precision, held_on, day, outside in (
        ("MONTH", "2027-01-01", "2027-01-15", "2027-02-01"),
        ("WEEK", "2027-01-17", "2027-01-11", "2027-01-10"),
        ("YEAR", "2027-01-01", "2027-12-31", "2028-01-01"),
    ):
        vague = {"heldOnPrecision": precision, "status": "PLANNED"}
        meeting = await meet(world, f"EG1-{precision}", held_on, **vague)
        refused = {"startsAt": f"{outside}T09:00:00.000000Z"}
        assert await refusal(world, "member", "updateMeeting", meeting, **refused) == ("startsAt", "starts_on_the_date")
        start = f"{day}T09:00:00.000000Z"
        assert (await timed(world, meeting, startsAt=start))[:3] == [day, "DAY", start]
        # Then the date is not vague again while the start stays.
        given = {"heldOnPrecision": precision}
        path = ("heldOnPrecision", "starts_on_the_date")
        assert await refusal(world, "member", "updateMeeting", meeting, **given) == path
        made = await meet(world, f"EG1-{precision}-NEW", held_on, **vague, startsAt=start)
        assert made["heldOn"] == day
