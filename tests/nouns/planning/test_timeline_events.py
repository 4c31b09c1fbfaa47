"""The timeline: who joined, met, decided, pledged, committed, paid, ordered and delivered, with the sources."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import (
    CoalitionMembership,
    CoalitionRole,
    Contribution,
    ContributionStatus,
    DatePrecision,
    DecisionOutcome,
    DeliveryStatus,
    Disbursement,
    MeetingStatus,
    PurchaseOrderStatus,
    StatementKind,
)
from tests.support.execute import read
from tests.support.factories import (
    a_coalition_membership,
    a_contribution,
    a_decision,
    a_delivery,
    a_meeting,
    a_participant,
    a_procurement,
    a_source,
    an_expert_group,
    an_order,
    money,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

TIMELINE = """query ($where: TimelineEventWhere) { timeline(where: $where) { totalCount nodes {
    id kind happenedOn happenedBy amount { amount currency } participant { code } group { code }
    contribution { reference } sources { url }
} } }"""


async def timeline(database: Database, where: Any = None) -> list[tuple[Any, ...]]:
    """Return the events in short: the kind, the last possible day, the participant or the group, and the amount."""
    found = (await read(database, TIMELINE, where=where))["timeline"]["nodes"]
    of = ("participant", "group")
    return [
        (
            each["kind"],
            each["happenedBy"],
            next((each[name]["code"] for name in of if each[name]), None),
            each["amount"] and each["amount"]["amount"],
        )
        for each in found
    ]


async def test_the_timeline_has_each_event_on_its_day_with_its_sources(database: Database) -> None:
    donor, other, group = a_participant("DK"), a_participant("EE"), an_expert_group()
    member = a_coalition_membership(donor, valid_from=dt.date(2023, 9, 19), valid_to=dt.date(2024, 1, 1))
    member.sources.append(a_source(CoalitionMembership, "https://example.org/joined"))
    # A change of the role is no event. A member since an unknown day comes last.
    later = a_coalition_membership(donor, role=CoalitionRole.LEAD, valid_from=dt.date(2024, 1, 2))
    meeting = a_meeting(held_on=dt.date(2024, 4, 1), held_on_precision=DatePrecision.MONTH)
    given = a_contribution(
        donor,
        reference="GIFT",
        status=ContributionStatus.COMMITTED,
        announced_on=dt.date(2024, 5, 1),
        committed_on=dt.date(2024, 5, 2),
        **money(amount="100.00 EUR"),
    )
    given.sources.append(a_source(Contribution, "https://example.org/gift"))
    paid = [
        Disbursement(contribution=given, number=number, paid_on=day, reason=why, **money(amount=f"{amount} EUR"))
        for number, day, amount, why in ((1, dt.date(2024, 6, 1), 60, None), (2, dt.date(2024, 6, 2), 10, None))
    ]
    joint = a_contribution(donor, other, announced_on=dt.date(2024, 5, 3))
    procurement = a_procurement(group=group, lead_participant=other)
    order = an_order(procurement, status=PurchaseOrderStatus.PLACED, ordered_on=dt.date(2024, 7, 1))
    arrived = a_delivery(
        purchase_order=order,
        status=DeliveryStatus.RECEIVED,
        recipient=donor,
        received_on=dt.date(2024, 1, 1),
        received_on_precision=DatePrecision.YEAR,
    )
    no_events = [
        a_meeting(status=MeetingStatus.PLANNED, held_on=dt.date(2024, 8, 1)),
        a_decision(meeting, outcome=DecisionOutcome.DEFERRED),
        a_contribution(donor, status=ContributionStatus.CANCELLED, announced_on=dt.date(2024, 8, 1)),
        a_contribution(donor, statement_kind=StatementKind.TOTAL_TO_DATE, announced_on=dt.date(2024, 8, 1)),
        an_order(procurement, status=PurchaseOrderStatus.CANCELLED, ordered_on=dt.date(2024, 8, 1)),
        a_delivery(purchase_order=order, status=DeliveryStatus.IN_TRANSIT, planned_on=dt.date(2024, 8, 1)),
    ]
    unknown = a_coalition_membership(other)
    rows = (member, later, a_decision(meeting), given, *paid, joint, order, arrived, *no_events, unknown)
    await keep(database, *rows)
    assert await timeline(database) == [
        ("JOINED", "2023-09-19", "DK", None),
        ("MET", "2024-04-30", None, None),
        ("DECIDED", "2024-04-30", None, None),
        ("PLEDGED", "2024-05-01", "DK", "100.00"),
        ("COMMITTED", "2024-05-02", "DK", "100.00"),
        ("PLEDGED", "2024-05-03", None, None),
        ("PAID", "2024-06-01", "DK", "60.00"),
        ("PAID", "2024-06-02", "DK", "10.00"),
        ("ORDERED", "2024-07-01", "EE", None),
        ("DELIVERED", "2024-12-31", "DK", None),
        ("JOINED", None, "EE", None),
    ]
    period = {"happenedBy": {"gte": "2024-05-02", "lte": "2024-06-01"}, "kind": {"in": ["COMMITTED", "PAID"]}}
    assert await timeline(database, {**period, "participant": {"code": {"eq": "DK"}}}) == [
        ("COMMITTED", "2024-05-02", "DK", "100.00"),
        ("PAID", "2024-06-01", "DK", "60.00"),
    ]
    assert {kind for kind, *_ in await timeline(database, {"group": {"code": {"eq": group.code}}})} == {
        "ORDERED",
        "DELIVERED",
    }
    # A donor of a joint contribution is found through the contribution.
    donors = {"contribution": {"donors": {"some": {"participant": {"code": {"eq": "EE"}}}}}}
    assert await timeline(database, donors) == [("PLEDGED", "2024-05-03", None, None)]
    sourced = {}
    for each in (await read(database, TIMELINE))["timeline"]["nodes"]:
        sourced[each["kind"], each["happenedOn"]] = [source["url"] for source in each["sources"]]
        node = f'{{ node(id: "{each["id"]}") {{ id ... on TimelineEvent {{ kind happenedOn sources {{ url }} }} }} }}'
        found = (await read(database, node))["node"]
        assert found == {name: each[name] for name in ("id", "kind", "happenedOn", "sources")}
    assert {key: urls for key, urls in sourced.items() if urls} == {
        ("JOINED", "2023-09-19"): ["https://example.org/joined"],
        ("PLEDGED", "2024-05-01"): ["https://example.org/gift"],
        ("COMMITTED", "2024-05-02"): ["https://example.org/gift"],
    }
