"""Makes random deliveries in kind, which have no order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import models as m
from tests.support import factories as f

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random


def given_in_kind(needs: Sequence[Any], random: Random) -> Iterator[Any]:
    """Yield the rows of a delivery for one of some needs, mostly accepted, with a value in the currency of the need."""
    need = random.choice(needs)
    delivery = f.a_delivery(
        purchase_order=None,
        status=random.choice((m.DeliveryStatus.IN_TRANSIT, *[m.DeliveryStatus.ACCEPTED] * 3)),
        value_minor=random.choice((1, 500)) if need.estimated_cost_currency else None,
        value_currency=need.estimated_cost_currency,
    )
    yield delivery
    for other in (need, *random.sample(needs, random.randint(0, 1))):
        units = Decimal(random.randint(1, 2))
        yield f.a_delivery_line(
            delivery, need=other, unit=other.unit, quantity=units, accepted=units, rejected=Decimal(0)
        )
