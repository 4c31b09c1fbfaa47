"""What the tables of the overview must show, computed from the answers of the API."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NONE = "—"
AMOUNTS = ("requirements", "funding", "pledged", "ordered", "unmet")
STAGES = ("paid", "commitment", "pledge", "inKindGiven", "inKindCommitment", "inKindPledge")


def number(text: str | int | None) -> str:
    """Return a number as the page writes it, without a loss of digits."""
    return NONE if text is None else f"{Decimal(text).normalize():,f}"


def money(amount: dict[str, str] | None) -> str:
    """Return an amount as the page writes it."""
    return NONE if amount is None else f"{amount['currency']} {number(amount['amount'])}"


def known_day(date: str | None, precision: str | None) -> str:
    """Return the parts of a date that are known, as the page writes them in files."""
    if date is None:
        return NONE
    before = {"WEEK": "week of ", "REPORTED_BY": "by "}.get(precision or "", "")
    return before + date[: {"YEAR": 4, "MONTH": 7}.get(precision or "", 10)]


def words(name: str) -> str:
    """Return an enum value as the page writes it."""
    return name.replace("_", " ").capitalize()


def _groups(data: Any) -> Iterator[list[str]]:
    for group in data["expertGroups"]["nodes"]:
        counts = [str(group[key]["totalCount"]) for key in ("needs", "procurements", "open", "overdue", "clashes")]
        yield [group["code"], *counts]


def _roadmap(data: Any) -> Iterator[list[str]]:
    for line in (data["roadmapInForce"] or {"lines": {"nodes": []}})["lines"]["nodes"]:
        need = line["need"]
        when = [str(line["year"]), number(line["quarter"])]
        yield [*when, need["reference"], money(line["plannedAmount"]), str(need["clashes"]["totalCount"])]


def _needs(data: Any) -> Iterator[list[str]]:
    for need in data["capabilityNeeds"]["nodes"]:
        units = [number(need[f"{name}uantity"]) for name in ("q", "orderedQ", "acceptedQ", "outstandingQ")]
        amounts = [money(need[name]) for name in ("estimatedCost", "fundedAmount", "unmetAmount")]
        yield [need["reference"], need["title"], *units, *amounts]


def _coverage(data: Any) -> Iterator[list[str]]:
    for row in data["coverages"]["nodes"]:
        name = (row["group"] or {}).get("code") or (row["area"] or {}).get("name") or words(row["scope"])
        yield [name, row["currency"] or "without an amount", str(row["count"]), *(money(row[each]) for each in AMOUNTS)]


def _money(data: Any) -> Iterator[list[str]]:
    for group in data["ledger"]["aggregate"]["groupBy"]:
        donors, year = (key["value"] for key in group["keys"])
        sums = {stage: {sum_["currency"]: sum_ for sum_ in group["sums"][stage]} for stage in STAGES}
        for currency in dict.fromkeys(code for stage in STAGES for code in sums[stage]):
            amounts = [money(sums[stage].get(currency)) for stage in STAGES]
            yield [donors or "unknown", str(year or "unknown"), currency, *amounts]


def _deliveries(data: Any) -> Iterator[list[str]]:
    for row in data["deliveries"]["nodes"]:
        yield [row["reference"], row["title"], words(row["status"]), money(row["value"])]


def _next_steps(data: Any) -> Iterator[list[str]]:
    for row in data["actionItems"]["nodes"]:
        yield [row["text"], words(row["status"]), row["reference"]]


def _clashes(data: Any) -> Iterator[list[str]]:
    for row in data["clashes"]["nodes"]:
        yield [row["severity"], row["kind"], row["message"]]


def _timeline(data: Any) -> Iterator[list[str]]:
    for row in data["timeline"]["nodes"]:
        day = known_day(row["happenedOn"], row["happenedOnPrecision"])
        yield [day, row["kind"], number(row["amount"] and row["amount"]["amount"])]


#: The columns of each table that are compared, and their rows.
TABLES: dict[str, tuple[tuple[int, ...], Callable[[Any], Iterator[list[str]]]]] = {
    "groups": ((0, 2, 4, 6, 7, 8), _groups),
    "roadmap": ((0, 1, 3, 6, 9), _roadmap),
    "needs": ((0, 1, 7, 8, 9, 10, 11, 12, 13), _needs),
    "coverage": ((1, 2, 3, 4, 5, 6, 7, 8), _coverage),
    "money": ((0, 1, 2, 3, 4, 5, 6, 7, 8), _money),
    "deliveries": ((0, 1, 2, 7), _deliveries),
    "next-steps": ((1, 4, 6), _next_steps),
    "clashes": ((0, 1, 3), _clashes),
    "timeline": ((0, 1, 5), _timeline),
}


def totals(data: Any) -> list[str]:
    """Return the numbers at the top of the page."""
    names = ("expertGroups", "capabilityNeeds", "procurements", "contributions", "deliveries", "actionItems")
    return [number(data[name]["totalCount"]) for name in names]
