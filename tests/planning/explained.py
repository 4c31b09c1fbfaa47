"""Checks that the rows of an explanation add up to its figure."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from models.explained.rows import FIGURES
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.explained.declaration import Figure

ROW = """counts reason message rank quantity amount { amount currency }
    need { id } contribution { id } procurement { id } allocation { id } disbursement { id } roadmapLine { id }
    purchaseOrder { id } orderLine { id } delivery { id } deliveryLine { id }"""
ROWS = f"totalCount nodes {{ {ROW} }} aggregate {{ sums {{ amount {{ amount currency }} }} }}"
EXPLANATION = f"figure rule quantity amount {{ amount currency }} consideredRows(first: 100) {{ {ROWS} }}"

#: The list of each type whose figures are explained.
LISTS = {"CapabilityNeed": "capabilityNeeds", "Contribution": "contributions", "Procurement": "procurements"}


def questions() -> Iterator[tuple[Figure, str, str]]:
    """Yield each explained figure, its list, and the fields that read it with its explanation."""
    for figure in FIGURES:
        name, parts = api_name(figure.name), "" if "quantity" in figure.name else "{ amount currency }"
        fields = f"id {name} {parts} explain(figure: {figure.name.upper()}) {{ {EXPLANATION} }}"
        yield figure, LISTS[figure.model.__name__], fields


def check(explanation: dict[str, Any], figure: Any) -> list[dict[str, Any]]:
    """Check that the rows that count add up to the figure, and return all rows."""
    rows = explanation["consideredRows"]
    assert len(rows["nodes"]) == rows["totalCount"]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    units = Decimal(0)
    for row in rows["nodes"]:
        assert row["counts"] == (row["reason"] is None)
        if row["counts"]:
            units += Decimal(row["quantity"] or 0)
            if row["amount"]:
                sums[row["amount"]["currency"]] += Decimal(row["amount"]["amount"])
    if isinstance(figure, list):
        assert rows["aggregate"]["sums"]["amount"] == figure
        assert {each["currency"]: Decimal(each["amount"]) for each in figure} == sums
    elif isinstance(figure, dict):
        assert explanation["amount"] == figure
        assert Decimal(figure["amount"]) == sum(sums.values())
        assert {*sums} <= {figure["currency"]}
    else:
        assert explanation["quantity"] == figure
        assert not sums
        assert units == Decimal(figure or 0)
    listed: list[dict[str, Any]] = rows["nodes"]
    return listed
