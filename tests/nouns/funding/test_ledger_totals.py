"""Published totals beside those of the ledger."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionKind, ContributionStatus, DatePrecision, Marking, Measure, PublishedFigure, StatementKind
from resolvers.access.viewer import Viewer
from tests.support.execute import read
from tests.support.factories import a_contribution, a_figure, a_participant, a_source, money
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

QUERY = """{ ledgerTotals { nodes {
  id donors stage kind until published { amount } computed { amount } difference { amount } unknownCount
  figure { reference sources { url } } contribution { reference }
} } }"""


async def test_a_published_total_stands_beside_what_the_register_adds_up_until_its_day(database: Database) -> None:
    denmark, estonia = a_participant("DK"), a_participant("EE")
    early, late = {"announced_on": dt.date(2024, 4, 3)}, {"announced_on": dt.date(2025, 1, 9)}
    in_2024 = {"as_of": dt.date(2024, 1, 1), "as_of_precision": DatePrecision.YEAR}
    firm, goods = {"status": ContributionStatus.COMMITTED}, {"kind": ContributionKind.IN_KIND}
    told = {"statement_kind": StatementKind.TOTAL_TO_DATE}
    raised = a_figure("FIG-1", measure=Measure.RAISED, **in_2024, **money(money="30.00 EUR"))
    raised.sources.append(a_source(PublishedFigure, "https://example.org/2024"))
    own = a_contribution(denmark, reference="CON-1", **early, **firm, **money(amount="10.00 EUR"))
    await keep(
        database,
        own,
        a_contribution(estonia, reference="CON-2", **early, **goods, **money(amount="7.00 EUR")),
        a_contribution(denmark, reference="CON-3", **late, **money(amount="5.00 EUR")),
        a_contribution(denmark, reference="CON-4", **money(amount="1.00 EUR")),
        a_contribution(denmark, reference="CON-5", **late, **told, **money(amount="12.00 EUR")),
        raised,
        a_figure("FIG-2", measure=Measure.COMMITTED, participant=denmark, **money(money="11.00 EUR")),
        a_figure("FIG-3", measure=Measure.EXPECTED, **money(money="2.00 USD")),
        a_figure("FIG-4", measure=Measure.CONTRIBUTED, contribution=own, **money(money="9.00 EUR")),
        a_figure("FIG-5", measure=Measure.DELIVERED, **money(money="9.00 EUR")),
    )
    found = (await read(database, QUERY))["ledgerTotals"]["nodes"]
    totals = {(each["figure"] or each["contribution"])["reference"]: sums(each) for each in found}
    assert totals == {
        # Until the end of the year; what has no day can be later.
        "FIG-1": ("30.00", "17.00", "13.00", 1),
        "FIG-2": ("11.00", "10.00", "1.00", 0),
        "FIG-3": ("2.00", None, None, 0),
        "FIG-4": ("9.00", "10.00", "-1.00", 0),
        # Of Denmark alone, and in money; a total to date is not part of itself.
        "CON-5": ("12.00", "15.00", "-3.00", 1),
    }
    by_name = {(each["figure"] or each["contribution"])["reference"]: each for each in found}
    assert by_name["FIG-1"]["figure"]["sources"] == [{"url": "https://example.org/2024"}]
    assert (by_name["FIG-1"]["until"], by_name["FIG-1"]["stage"]) == ("2024-12-31", "ANNOUNCED")
    assert (by_name["CON-5"]["donors"], by_name["CON-5"]["kind"]) == ("DK", "CASH")
    # The computed side, with its sources, is in the ledger.
    query = """{ ledger(where: {announcedBy: {lte: "2024-12-31"}}) { nodes { contribution { reference } } } }"""
    entries = (await read(database, query))["ledger"]["nodes"]
    assert {each["contribution"]["reference"] for each in entries} == {"CON-1", "CON-2"}


def sums(total: dict[str, Any]) -> tuple[str | None, str | None, str | None, int]:
    """Return the published and the computed amount, their difference and the number of unknown entries."""
    amounts = [total[name] and total[name]["amount"] for name in ("published", "computed", "difference")]
    return amounts[0], amounts[1], amounts[2], total["unknownCount"]


async def test_a_figure_about_a_contribution_is_seen_by_those_who_see_the_contribution(database: Database) -> None:
    donor = a_participant("DK")
    amount = money(amount="10.00 EUR")
    hidden = a_contribution(donor, reference="CON-1", marking=Marking.AMBER, **amount)
    about = a_figure("FIG-1", measure=Measure.CONTRIBUTED, contribution=hidden, **money(money="9.00 EUR"))
    public = a_contribution(donor, reference="CON-2", marking=Marking.CLEAR, **amount)
    await keep(database, hidden, about, public, a_figure("FIG-2", contribution=public, value=2), a_figure("FIG-3"))
    query = """{ ledgerTotals { nodes { id } } publishedFigures { totalCount nodes { reference } } }"""
    seen = {}
    for name, viewer in {"lead": Viewer(markings=(*Marking,)), "public": Viewer(markings=(Marking.CLEAR,))}.items():
        found = await read(database, query, viewer=viewer)
        figures = found["publishedFigures"]
        assert figures["totalCount"] == len(figures["nodes"])
        seen[name] = (len(found["ledgerTotals"]["nodes"]), [each["reference"] for each in figures["nodes"]])
    # A difference that compared it with everything would be false, and one that is null would reveal what is hidden.
    assert seen == {"lead": (1, ["FIG-1", "FIG-2", "FIG-3"]), "public": (0, ["FIG-2", "FIG-3"])}
