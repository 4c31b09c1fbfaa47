"""Declares the queries of procurement items, and the rules of the items of a procurement."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models import ClassificationScheme, ProcurementItem
from models.code_lists.cpv_codes import cpv_code, cpv_fault
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.lists import lists_are_not_empty
from resolvers.commands.rules.quantities import POSITIVE
from resolvers.commands.spec import ChildSpec
from resolvers.planning import capability_needs
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Procurement
    from resolvers.commands.unit_of_work import UnitOfWork

#: The form of a code of UNSPSC.
UNSPSC = re.compile(r"[0-9]{8}", re.ASCII)

register_query_spec(
    QuerySpec(
        ProcurementItem,
        filterable=(
            "id",
            "ordinal",
            "description",
            "classification_scheme",
            "classification_code",
            "quantity",
            "estimated_unit_value",
            "procurement",
            "need",
            "awards",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "description", "quantity", "estimated_unit_value", "created_at", "updated_at"),
        groupable=("classification_scheme", "classification_code", "procurement", "need"),
    )
)


def _item_stays(row: ProcurementItem) -> str | None:
    if not row.awards:
        return None
    return f"{row.awards[0].number} awards this item, so it stays. Take it out of the award while that is PENDING."


def _is_classified(_owner: Procurement, row: ProcurementItem, path: tuple[str, ...]) -> Iterator[Violation]:
    """An item has a scheme and a code of the form of that scheme, or neither."""
    at, scheme, code = (*path, "classificationCode"), row.classification_scheme, row.classification_code
    if (scheme is None) != (code is None):
        message = "A classification has a scheme and a code. Set classificationScheme and classificationCode."
        yield Violation(at, "classification", message)
    elif scheme is ClassificationScheme.UNSPSC and not UNSPSC.fullmatch(code or ""):
        yield Violation(at, "classification_code", f"{code} is not a code of UNSPSC. Write it like 43221700.")
    elif scheme is ClassificationScheme.CPV and (fault := cpv_fault(code or "")):
        yield Violation(at, "cpv_check_digit", f"{fault}.")


def _complete_code(row: ProcurementItem) -> None:
    """Add the check digit to a CPV code without one."""
    code = row.classification_code
    if code and row.classification_scheme is ClassificationScheme.CPV and not cpv_fault(code):
        row.classification_code = cpv_code(code)


ITEM = ChildSpec(
    ProcurementItem,
    fields=(
        "description",
        "classification_scheme",
        "classification_code",
        "quantity",
        "unit",
        "estimated_unit_value",
        "need",
    ),
    back="procurement",
    stays=_item_stays,
    checked=_is_classified,
    ranges={"quantity": POSITIVE},
    filled_in=(capability_needs.take_unit, _complete_code),
)


#: The rule that a new procurement has needs and items, or omits them.
has_needs_and_items = lists_are_not_empty("need_ids", "items")


def items_serve_needs(unit: UnitOfWork, row: Procurement) -> Iterator[Violation]:
    """The need of an item is one of the procurement, and the item has its unit."""
    for place, item in enumerate(row.items):
        at = (*INPUT, "items", str(place))
        if item.need and item.need not in row.needs:
            message = "The need is not one of the needs of the procurement. Choose one of them, or add it to needIds."
            yield Violation((*at, "needId") if "items" in unit.input else (*INPUT, "needIds"), "need", message)
        elif item.need and "items" in unit.input:
            yield from capability_needs.unit_violations(item, item.need, "need", at)
