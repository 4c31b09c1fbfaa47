"""The ledger once more, in plain Python over the loaded rows that a viewer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import LedgerEntry
from tests.reference.planning import last_day

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MONEY = (
    *("pledge", "commitment", "paid", "funding", "announced", "in_kind_pledge", "in_kind_commitment", "in_kind_given"),
    *("known_part_of_joint", "allocated", "allocated_on_pledge", "unallocated", "available_for_orders"),
    *("allocated_to_planned", "allocated_to_tendered", "allocated_to_ordered", "allocated_to_completed"),
)
#: The stages of procurements that are more than planned.
STAGES = {
    "TENDERING": "tendered",
    "AWARDED": "tendered",
    "ORDERED": "ordered",
    "DELIVERING": "ordered",
    "COMPLETED": "completed",
}
FIRM = {"COMMITTED", "DISBURSED"}
IN_KIND = {"PLEDGED": "in_kind_pledge", "COMMITTED": "in_kind_commitment", "DISBURSED": "in_kind_given"}


def add_ledger_entries(entities: dict[str, Any]) -> None:
    """Add the ledger of the loaded contributions."""
    entities["LedgerEntry"] = [entry for each in entities["Contribution"] for entry in entries_of(each)]


def entries_of(given: Any) -> Iterator[LedgerEntry]:
    """Yield the entries of a contribution: of its donors together, and of each share."""
    status, whole = given.status.name, given.amount_minor
    is_part = given.part_of is not None
    is_upper_bound, is_total = given.amount_qualifier.name == "UP_TO", given.statement_kind.name == "TOTAL_TO_DATE"
    # A part of a joint contribution is shown, and nothing else that sums leave out; this order is that of the reasons.
    if status == "CANCELLED" or is_total or (not is_part and (is_upper_bound or whole is None)):
        return
    shares = [
        each for each in given.donors if each.share_minor is not None and each.share_currency == given.amount_currency
    ]
    rest = None if whole is None else whole - sum(each.share_minor for each in shares)
    codes = "+".join(sorted(each.participant.code for each in given.donors)) or None
    alone = given.donors[0].participant if len(given.donors) == 1 else None
    money = {**stages(given, rest, is_divided=bool(shares)), **allocations(given)}
    yield entry(given, given.id, (codes, alone), money)
    for each in shares:
        donor = (each.participant.code, each.participant)
        yield entry(given, each.id, donor, stages(given, each.share_minor, is_divided=True))


def stages(given: Any, part: int | None, *, is_divided: bool) -> dict[str, int | None]:
    """Return the amounts of a part by its stage."""
    status = given.status.name
    if given.part_of is not None:
        return {"known_part_of_joint": part}
    assert part is not None
    if given.kind.name == "IN_KIND":
        return {IN_KIND[status]: part}
    payments = sum(each.amount_minor for each in given.disbursements)
    paid = part if status == "DISBURSED" else None if is_divided and payments else payments
    left = None if paid is None else part - paid
    return {
        "pledge": left if status == "PLEDGED" else 0,
        "commitment": left if status == "COMMITTED" else 0,
        "paid": paid,
        "funding": paid if status == "PLEDGED" else part,
        "announced": part,
    }


def allocations(given: Any) -> dict[str, int | None]:
    """Return the allocated and the remaining amounts of a contribution."""
    if given.amount_minor is None:
        return {}
    status, own = given.status.name, sum(each.amount_minor for each in given.allocations)
    found: dict[str, int | None] = {"allocated": own, "allocated_on_pledge": own if status == "PLEDGED" else None}
    for stage in ("planned", "tendered", "ordered", "completed"):
        among = (each for each in given.allocations if STAGES.get(each.procurement.status.name, "planned") == stage)
        found[f"allocated_to_{stage}"] = sum(each.amount_minor for each in among)
    if given.kind.name == "CASH" and given.part_of is None:
        of_parts = [each for part in given.parts for each in part.allocations]
        same = sum(each.amount_minor for each in of_parts if each.amount_currency == given.amount_currency)
        left = given.amount_minor - own - same
        found |= {"unallocated": left, "available_for_orders": left if status in FIRM else None}
    return found


def entry(given: Any, key: str, donor: tuple[str | None, Any], money: Mapping[str, int | None]) -> LedgerEntry:
    """Return an entry."""
    year = given.announced_on.year if given.announced_on else None
    day = last_day(given.announced_on, given.announced_on_precision)
    made = LedgerEntry(id=key, kind=given.kind, status=given.status, year=year, announced_by=day, donors=donor[0])
    for name in MONEY:
        minor = money.get(name)
        setattr(made, f"{name}_minor", minor)
        setattr(made, f"{name}_currency", None if minor is None else given.amount_currency)
    set_committed_value(made, "participant", donor[1])
    set_committed_value(made, "contribution", given)
    return made
