"""How purchase orders and their lines may be read."""

from models import OrderLine, PurchaseOrder
from resolvers.reading import Reading, readable

readable(
    Reading(
        PurchaseOrder,
        where=(
            "id",
            "number",
            "title",
            "supplier",
            "status",
            "ordered_on",
            "expected_on",
            "value",
            "delivered_share",
            "procurement",
            "lines",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        order=(
            "number",
            "title",
            "supplier",
            "ordered_on",
            "expected_on",
            "value",
            "delivered_share",
            "created_at",
            "updated_at",
        ),
        groups=("status", "supplier", "procurement"),
        sums={"value": "value"},
    )
)

readable(
    Reading(
        OrderLine,
        where=(
            "id",
            "ordinal",
            "description",
            "cpv_code",
            "quantity",
            "unit_price",
            "purchase_order",
            "need",
            "created_at",
            "updated_at",
        ),
        order=("ordinal", "description", "quantity", "unit_price", "created_at", "updated_at"),
        groups=("cpv_code", "need"),
    )
)
