"""Published totals and those of the ledger once more, in plain Python over the loaded rows that a viewer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import LedgerTotal
from models.funding.ledger_totals import LedgerStage
from tests.reference.planning import last_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

OF_MEASURES = {
    **dict.fromkeys(("CONTRIBUTED", "RAISED", "ATTRACTED"), "ANNOUNCED"),
    "COMMITTED": "FIRM",
    "EXPECTED": "PLEDGED",
}
GOODS = ("in_kind_pledge", "in_kind_commitment", "in_kind_given")
OF_STAGES = {"ANNOUNCED": ("announced", GOODS), "FIRM": ("funding", GOODS[1:]), "PLEDGED": ("pledge", GOODS[:1])}


def add_ledger_totals(entities: dict[str, Any]) -> None:
    """Add the published totals of the loaded figures and contributions."""
    entries = entities["LedgerEntry"]
    figures = [total for each in entities["PublishedFigure"] for total in of_figure(each, entries)]
    entities["LedgerTotal"] = [*figures, *(one for each in entities["Contribution"] for one in to_date(each, entries))]


def of_figure(figure: Any, entries: Sequence[Any]) -> Iterator[LedgerTotal]:
    """Yield the total of a published figure about money that is given."""
    stage = OF_MEASURES.get(figure.measure.name)
    if stage is None or figure.money_minor is None:
        return
    donors = figure.participant.code if figure.participant else None

    def counts(entry: Any) -> bool:
        if figure.contribution:
            return bool(entry.contribution.id == figure.contribution.id)
        return figure.participant_id is None or (donors is not None and entry.donors == donors)

    made = LedgerTotal(
        id=figure.id,
        stage=LedgerStage[stage],
        donors=donors,
        until=last_day(figure.as_of, figure.as_of_precision),
        qualifier=figure.qualifier,
        published_minor=figure.money_minor,
        published_currency=figure.money_currency,
    )
    objects = {"participant": figure.participant, "figure": figure, "contribution": figure.contribution}
    yield completed(made, [entry for entry in entries if counts(entry)], objects)


def to_date(given: Any, entries: Sequence[Any]) -> Iterator[LedgerTotal]:
    """Yield the total of a contribution that states what its donors gave to date."""
    if given.statement_kind.name != "TOTAL_TO_DATE" or given.status.name == "CANCELLED" or given.amount_minor is None:
        return
    donors = "+".join(sorted(each.participant.code for each in given.donors)) or None
    made = LedgerTotal(
        id=given.id,
        stage=LedgerStage.ANNOUNCED,
        kind=given.kind,
        donors=donors,
        until=last_day(given.announced_on, given.announced_on_precision),
        qualifier=given.amount_qualifier,
        published_minor=given.amount_minor,
        published_currency=given.amount_currency,
    )
    alone = given.donors[0].participant if len(given.donors) == 1 else None
    objects = {"participant": alone, "figure": None, "contribution": given}
    own = [each for each in entries if donors and each.donors == donors and each.kind is given.kind]
    yield completed(made, own, objects)


def completed(made: LedgerTotal, entries: Sequence[Any], objects: Mapping[str, Any]) -> LedgerTotal:
    """Return a total with what the ledger adds up of some entries, and with its objects."""
    announced, wanted = of_stage("ANNOUNCED"), of_stage(made.stage.name)
    same = [each for each in entries if announced(each) is not None and currency_of(each) == made.published_currency]
    dated = [each for each in same if made.until is None or (each.announced_by and each.announced_by <= made.until)]
    known = [amount for each in dated if (amount := wanted(each)) is not None]
    undated = [each for each in same if made.until is not None and each.announced_by is None]
    made.unknown_count = len(undated) + len(dated) - len(known)
    made.computed_minor = sum(known) if known else None
    made.difference_minor = made.published_minor - sum(known) if known else None
    made.computed_currency = made.difference_currency = made.published_currency if known else None
    for name, value in objects.items():
        set_committed_value(made, name, value)
    return made


def of_stage(stage: str) -> Callable[[Any], int | None]:
    """Return the function from an entry to its amount in a stage; None if it is unknown."""
    money, goods = OF_STAGES[stage]

    def amount(entry: Any) -> int | None:
        if entry.kind.name == "CASH":
            return getattr(entry, f"{money}_minor")  # type: ignore[no-any-return]
        found = [value for name in goods if (value := getattr(entry, f"{name}_minor")) is not None]
        return found[0] if found else None if stage == "ANNOUNCED" else 0

    return amount


def currency_of(entry: Any) -> str | None:
    """Return the currency of what an entry announces."""
    names = ("announced", *GOODS)
    return next((code for name in names if (code := getattr(entry, f"{name}_currency"))), None)
