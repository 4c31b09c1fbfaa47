"""How deliveries and their lines may be read."""

from models import Delivery, DeliveryLine
from resolvers.reading import Reading, readable

readable(
    Reading(
        Delivery,
        where=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "recipient",
            "planned_on",
            "received_on",
            "received_year",
            "value",
            "purchase_order",
            "contribution",
            "funders",
            "lines",
            "created_at",
            "updated_at",
        ),
        order=("reference", "title", "planned_on", "received_on", "value", "created_at", "updated_at"),
        groups=("marking", "status", "received_year", "recipient"),
        sums={"value": "value"},
    )
)

readable(
    Reading(
        DeliveryLine,
        where=(
            "id",
            "ordinal",
            "description",
            "quantity",
            "accepted",
            "rejected",
            "delivery",
            "order_line",
            "need",
            "created_at",
            "updated_at",
        ),
        order=("ordinal", "description", "quantity", "accepted", "created_at", "updated_at"),
        groups=("need",),
    )
)
