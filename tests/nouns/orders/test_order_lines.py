"""Lines of purchase orders: what they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.factories import a_procurement, an_order, an_order_line
from tests.support.rows import refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_order_lines_quantity", {"quantity": -1}),
        ("ck_order_lines_cpv_code", {"cpv_code": "324"}),
        ("ck_order_lines_unit_price", {"unit_price_minor": 100}),
    ],
)
async def test_a_line_is_refused_whose_particulars_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, an_order_line(an_order(a_procurement()), **fault))


async def test_a_place_in_an_order_holds_one_line(shared_database: Database) -> None:
    order = an_order(a_procurement())
    twins = [an_order_line(order, ordinal=1) for _ in range(2)]
    await refused(shared_database, "uq_order_lines_purchase_order_id_ordinal", *twins)
