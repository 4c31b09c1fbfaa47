"""Planning figures and clashes: over random worlds each is what plain Python computes from the rows a viewer sees."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pytest

from models import CoverageScope, LedgerStage, RoadmapChangeKind, TimelineEventKind, YearGapKind
from models.clash_kinds.rows import kinds
from models.explained.declaration import LeftOutReason
from tests.generators.planning_worlds import fill_with_planning
from tests.generators.queries import Question
from tests.planning.explained import check, questions
from tests.support.differential import Proof
from tests.support.viewers import NAMES, cast

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

QUANTITIES = (
    "quantity acceptedQuantity outstandingQuantity fulfilment plannedQuantity orderedQuantity inTransitQuantity "
    "receivedQuantity rejectedQuantity inKindQuantity notYetSecuredQuantity orderedLinesWithoutPrice "
    "fundingIsLowerBound fundedShare coveredShare"
)
MONEY = (
    "estimatedCost plannedAmount pledgedAmount fundedAmount fundedInOtherCurrencies orderedAmount "
    "orderedInOtherCurrencies inKindAmount unmetAmount unmetAmountAfterInKind"
)
FIGURES = f"{QUANTITIES} {' '.join(f'{name} {{ amount currency }}' for name in MONEY.split())}"

BOUGHT_MONEY = "estimatedValue fundedAmount pledgedAmount unmetAmount sharedFunds"
BOUGHT = f"fundedShare {' '.join(f'{name} {{ amount currency }}' for name in BOUGHT_MONEY.split())}"
CLASH = """id kind severity severityRank message resolution need { reference } procurement { reference }
    delivery { reference } contribution { reference } roadmap { reference } group { code } lead { code }
    purchaseOrder { number }"""
GAP_MONEY = "requirements funding gap pledged gapIfPledgesHold fundingOutsideRequirements shared"
GAP_AMOUNTS = " ".join(f"{name} {{ amount currency }}" for name in GAP_MONEY.split())
GAP = f"id kind year need {{ reference }} procurement {{ reference }} group {{ code }} area {{ code }} {GAP_AMOUNTS}"
LEDGER_MONEY = (
    "pledge commitment paid funding announced inKindPledge inKindCommitment inKindGiven knownPartOfJoint allocated "
    "allocatedOnPledge allocatedToPlanned allocatedToTendered allocatedToOrdered allocatedToCompleted unallocated "
    "availableForOrders"
)
LEDGER_AMOUNTS = " ".join(f"{name} {{ amount currency }}" for name in LEDGER_MONEY.split())
ENTRY = f"id kind status year announcedBy donors participant {{ code }} contribution {{ reference }} {LEDGER_AMOUNTS}"
TOTAL = """id stage kind donors until qualifier published { amount currency } computed { amount currency }
    difference { amount currency } unknownCount participant { code } figure { reference } contribution { reference }"""
COVERED_MONEY = "requirements planned funding pledged ordered unmet net"
COVERED_AMOUNTS = " ".join(f"{name} {{ amount currency }}" for name in COVERED_MONEY.split())
COVERED = f"id scope currency count orderedUnknown group {{ code }} participant {{ code }} {COVERED_AMOUNTS}"
EVENT = """id kind happenedOn happenedOnPrecision happenedBy amount { amount currency }
    participant { code } group { code } meeting { reference } decision { reference } contribution { reference }
    disbursement { number } purchaseOrder { number } delivery { reference } sources { url publishedOn }"""
WHERE = (
    '{fundedShare: {lte: "0.4999"}}',
    "{fundedShare: {isNull: true}}",
    '{unmetAmount: {currency: EUR, gte: "1.00"}, notYetSecuredQuantity: {gte: 1}}',
    "{fundingIsLowerBound: {eq: true}}",
)


@pytest.fixture(scope="module")
async def filled(read_database: Database, random_cases: int) -> AsyncIterator[Database]:
    # A case is one world as one viewer sees it; each takes four times as long as a random question.
    await fill_with_planning(read_database, seed=14, worlds=-(-random_cases // 4 // len(NAMES)))
    yield read_database
    await read_database.close()


@pytest.fixture(scope="module")
async def proofs(filled: Database) -> dict[str, Proof]:
    """Load, for each of the cast by name, the reference of what he or she sees."""
    return {name: await Proof.before(filled, viewer, key) for name, (key, viewer) in (await cast(filled)).items()}


async def every_row(proof: Proof, name: str, fields: str) -> list[Any]:
    """Return every row of a list that the viewer sees, read page by page, each equal to that of the reference."""
    query = f"""query ($after: String) {{ {name}(first: 100, after: $after) {{ totalCount nodes {{ {fields} }}
        pageInfo {{ endCursor hasNextPage }} }} }}"""
    found: list[Any] = []
    variables: dict[str, Any] = {}
    while True:
        [answer] = await proof.ask(Question(query, (variables,)))
        page = answer.data[name]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(found) == page["totalCount"]
            return found
        variables = {"after": page["pageInfo"]["endCursor"]}


async def test_every_figure_is_that_of_the_rows_that_the_viewer_sees(proofs: dict[str, Proof]) -> None:
    needs = {name: await every_row(proof, "capabilityNeeds", f"reference {FIGURES}") for name, proof in proofs.items()}
    assert len({len(found) for found in needs.values()}) > 2
    everything = [need for found in needs.values() for need in found]
    # The worlds must not go hollow: each figure has several values.
    for figure in (*QUANTITIES.split(), *MONEY.split()):
        assert len({str(need[figure]) for need in everything}) >= 2, figure
    bought = [each for proof in proofs.values() for each in await every_row(proof, "procurements", BOUGHT)]
    for figure in ("fundedShare", *BOUGHT_MONEY.split()):
        assert len({str(each[figure]) for each in bought}) >= 2, figure


async def test_the_roadmap_in_force_on_a_day_is_the_latest_that_was_endorsed_by_then(
    proofs: dict[str, Proof],
) -> None:
    fields = "{ reference status isInForce lines(first: 2) { nodes { year need { reference } } } }"
    days = [
        "2024-04-02",
        "2024-04-03",
        "2024-04-19",
        "2024-04-20",
        "2024-04-30",
        "2025-01-30",
        "2025-01-31",
        "2025-12-30",
        "2025-12-31",
        None,
    ]
    query = f"query ($on: Date) {{ roadmapInForce(on: $on) {fields} today: roadmapInForce {fields} }}"
    found = {
        (answer.data["roadmapInForce"] or {}).get("reference")
        for proof in proofs.values()
        for answer in await proof.ask(Question(query, tuple({"on": day} for day in days)))
    }
    assert None in found
    assert len(found) >= 2


async def test_the_clashes_of_each_kind_are_those_of_a_predicate_over_the_rows_that_the_viewer_sees(
    proofs: dict[str, Proof],
) -> None:
    found = {name: await every_row(proof, "clashes", CLASH) for name, proof in proofs.items()}
    counted = Counter(each["kind"] for clashes in found.values() for each in clashes)
    # The worlds must not go hollow.
    assert {*counted} == {*kinds()}
    assert len({len(clashes) for clashes in found.values()}) > 2


async def test_the_gaps_of_each_year_are_those_of_the_rows_that_the_viewer_sees(proofs: dict[str, Proof]) -> None:
    found = {name: await every_row(proof, "yearGaps", GAP) for name, proof in proofs.items()}
    everything = [each for gaps in found.values() for each in gaps]
    # The worlds must not go hollow: there is every kind, and money of each sort in several amounts.
    assert {each["kind"] for each in everything} == {kind.name for kind in YearGapKind}
    for name in GAP_MONEY.split():
        assert len({str(each[name]) for each in everything}) > 3, name
    assert None in {each["year"] for each in everything}
    assert len({len(gaps) for gaps in found.values()}) > 2
    where = "{or: [{year: {eq: 2027}}, {year: {isNull: true}}], group: {code: {isNull: false}}}"
    group = f"keys {{ value }} count sums {{ {GAP_AMOUNTS} }}"
    query = f"""{{ yearGaps(where: {where}) {{ aggregate {{
        count sums {{ {GAP_AMOUNTS} }} groupBy(by: [YEAR, KIND]) {{ {group} }} byArea: groupBy(by: [AREA]) {{ {group} }}
    }} }} }}"""
    counts = [(await proof.ask(Question(query, ({},))))[0].data["yearGaps"]["aggregate"] for proof in proofs.values()]
    assert len({each["count"] for each in counts}) > 2


async def test_what_a_scope_requires_and_has_is_that_of_the_rows_that_the_viewer_sees(
    proofs: dict[str, Proof],
) -> None:
    found = {name: await every_row(proof, "coverages", COVERED) for name, proof in proofs.items()}
    everything = [each for coverages in found.values() for each in coverages]
    # The worlds must not go hollow.
    assert {each["scope"] for each in everything} == {scope.name for scope in CoverageScope}
    for name in ("count", "orderedUnknown", *COVERED_MONEY.split()):
        assert len({str(each[name]) for each in everything}) > 3, name
    one = "coverages(orderBy: [{field: NET}]) { totalCount nodes { scope currency unmet { amount } net { amount } } }"
    where = '{unmet: {currency: EUR, gte: "0.01"}, not: {scope: {eq: LED}}}'
    given = "ledger { totalCount aggregate { sums { funding { amount } } } }"
    query = f"""{{ participants {{ nodes {{ code {one} {given}
        requestedNeeds {{ aggregate {{ sums {{ unmetAmount {{ amount currency }} }} }} }} }} }}
        expertGroups {{ nodes {{ {one} }} }} capabilityAreas {{ nodes {{ {one} }} }}
        coverages(where: {where}) {{ totalCount }} }}"""
    answers = {str((await proof.ask(Question(query, ({},))))[0].data) for proof in proofs.values()}
    assert len(answers) > 2


async def test_the_timeline_has_what_happened_in_the_rows_that_the_viewer_sees(proofs: dict[str, Proof]) -> None:
    found = {name: await every_row(proof, "timeline", EVENT) for name, proof in proofs.items()}
    counted = Counter(each["kind"] for events in found.values() for each in events)
    # The worlds have no sources; the random rows of other tests do.
    assert {*counted} == {kind.name for kind in TimelineEventKind}
    assert len({len(events) for events in found.values()}) > 2


async def test_the_ledger_is_that_of_the_contributions_that_the_viewer_sees(proofs: dict[str, Proof]) -> None:
    found = {name: await every_row(proof, "ledger", ENTRY) for name, proof in proofs.items()}
    everything = [each for entries in found.values() for each in entries]
    # The worlds must not go hollow.
    for name in LEDGER_MONEY.split():
        assert len({str(each[name]) for each in everything}) > 2, name
    assert {each["participant"] is None for each in everything if each["donors"]} == {True, False}
    arguments = "where: {not: {status: {eq: PLEDGED}}}, orderBy: [{field: ANNOUNCED, direction: DESC}]"
    query = f"""{{ ledger({arguments}) {{ totalCount nodes {{ donors announced {{ amount }} }}
        aggregate {{ sums {{ {LEDGER_AMOUNTS} }} groupBy(by: [DONORS, YEAR]) {{
            keys {{ value }} count sums {{ {LEDGER_AMOUNTS} }} }} }} }} }}"""
    counts = [(await proof.ask(Question(query, ({},))))[0].data["ledger"]["totalCount"] for proof in proofs.values()]
    assert len({*counts}) > 1


async def test_published_totals_are_beside_what_the_ledger_of_the_viewer_adds_up(proofs: dict[str, Proof]) -> None:
    found = {name: await every_row(proof, "ledgerTotals", TOTAL) for name, proof in proofs.items()}
    everything = [each for totals in found.values() for each in totals]
    # The worlds must not go hollow.
    assert {each["stage"] for each in everything} == {stage.name for stage in LedgerStage}
    for name in ("published", "computed", "difference", "unknownCount", "until", "donors", "figure", "contribution"):
        assert len({str(each[name]) for each in everything}) > 2, name
    # What one sees in full another sees in part.
    computed = {str(each["id"]): set[str]() for each in everything}
    for each in everything:
        computed[each["id"]].add(str(each["computed"]))
    assert max(map(len, computed.values())) > 1


async def test_the_changes_between_two_roadmaps_are_those_of_the_lines_that_the_viewer_sees(
    proofs: dict[str, Proof],
) -> None:
    line = "{ id year quarter plannedAmount { amount currency } }"
    query = f"""query ($from: String!, $to: String!) {{ compareRoadmaps(from: $from, to: $to, first: 100) {{ totalCount
        aggregate {{ groupBy(by: [KIND, YEAR]) {{ keys {{ value }} count }} }}
        nodes {{ id kind year need {{ reference }} lineBefore {line} lineAfter {line} }} }} }}"""
    # Of all pairs, a few: names that one viewer sees and another does not.
    roadmaps: list[Any] = max((proof.reference.entities["Roadmap"] for proof in proofs.values()), key=len)
    pairs = tuple({"from": one.reference, "to": f"Roadmap:{other.id}"} for one, other in [*pairwise(roadmaps)][::4])
    asked = [await proof.ask(Question(query, pairs)) for proof in proofs.values()]
    answers = [answer.data["compareRoadmaps"] for found in asked for answer in found]
    assert None in answers
    kinds_seen = {each["kind"] for found in answers if found for each in found["nodes"]}
    assert kinds_seen == {kind.name for kind in RoadmapChangeKind}


async def test_the_rows_that_count_add_up_to_every_explained_figure(proofs: dict[str, Proof]) -> None:
    reasons: set[str | None] = set()
    for number, (figure, name, fields) in enumerate(questions()):
        # Another viewer for each figure, and always the one that sees the most.
        asked = {list(proofs)[number % len(proofs)], "lead"}
        found = [each for viewer in asked for each in await every_row(proofs[viewer], name, fields)]
        rows = [row for each in found for row in check(each["explain"], each[each["explain"]["figure"]])]
        # The worlds must not go hollow.
        assert any(row["counts"] for row in rows), figure.name
        reasons |= {row["reason"] for row in rows}
    assert reasons - {None} == {reason.name for reason in LeftOutReason}


async def test_needs_are_found_and_sorted_by_what_is_missing(proofs: dict[str, Proof]) -> None:
    found = 0
    fields = ("UNMET_AMOUNT", "FUNDED_SHARE", "NOT_YET_SECURED_QUANTITY")
    for number, (where, field) in enumerate(product(WHERE, fields)):
        query = f"""{{ capabilityNeeds(first: 20, where: {where}, orderBy: [{{field: {field}, direction: DESC}}]) {{
            totalCount edges {{ cursor node {{ reference }} }} }} }}"""
        for proof in [*proofs.values()][number % len(fields) :: len(fields)]:
            [answer] = await proof.ask(Question(query, ({},)))
            found += answer.data["capabilityNeeds"]["totalCount"]
    assert found


async def test_the_money_of_needs_is_added_up_for_each_group_and_currency(proofs: dict[str, Proof]) -> None:
    sums = " ".join(f"{name} {{ amount currency }}" for name in ("estimatedCost", "fundedAmount", "unmetAmount"))
    query = f"""{{ capabilityNeeds {{ aggregate {{ sums {{ {sums} }} groupBy(by: [GROUP]) {{
        keys {{ value }} count sums {{ {sums} }} }} }} }} }}"""
    for proof in proofs.values():
        [answer] = await proof.ask(Question(query, ({},)))
        assert answer.data["capabilityNeeds"]["aggregate"]["sums"]["fundedAmount"]
