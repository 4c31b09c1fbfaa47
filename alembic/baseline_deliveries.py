"""Orders, deliveries, published figures."""

import sqlalchemy as sa
from alembic import op
from baseline_parts import (
    MARKINGS,
    PRECISIONS,
    QUALIFIERS,
    check_money,
    create_entity,
    create_link,
    create_sources,
    index_each,
    one_of,
    reference,
    text,
)


def create_tables() -> None:
    """Create the tables, each after those it refers to."""
    _create_orders()
    _create_deliveries()
    _create_figures()


def _create_orders() -> None:
    """Create the tables of orders."""
    create_entity(
        "purchase_orders",
        sa.Column("number", text(40), nullable=False),
        sa.Column("title", text(300)),
        sa.Column("supplier", text(300)),
        one_of(
            "status",
            "ck_purchase_orders_status",
            "DRAFT PLACED CONFIRMED PARTIALLY_DELIVERED DELIVERED CLOSED",
            nullable=False,
        ),
        sa.Column("ordered_on", sa.Date()),
        one_of("ordered_on_precision", "ck_purchase_orders_ordered_on_precision", PRECISIONS),
        sa.Column("expected_on", sa.Date()),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_purchase_orders_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("note", text(4000)),
        reference("procurement_id", "procurements", "fk_purchase_orders_procurement_id", nullable=False),
        sa.CheckConstraint("expected_on >= ordered_on", name=op.f("ck_purchase_orders_expected_on")),
        check_money("value", "ck_purchase_orders_value"),
        sa.UniqueConstraint("number", name="uq_purchase_orders_number"),
    )
    index_each("purchase_orders", "created_at expected_on number ordered_on status supplier title updated_at")
    op.create_index("ix_purchase_orders_procurement_id_number", "purchase_orders", ["procurement_id", "number", "id"])
    op.create_index("ix_purchase_orders_value", "purchase_orders", ["value_currency", "value_minor", "id"])

    create_sources("purchase_orders")

    create_entity(
        "order_lines",
        reference(
            "purchase_order_id",
            "purchase_orders",
            "fk_order_lines_purchase_order_id",
            ondelete="CASCADE",
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("cpv_code", text(10)),
        sa.Column("quantity", sa.Integer()),
        sa.Column("unit", text(40)),
        sa.Column("unit_price_minor", sa.BigInteger()),
        sa.Column("unit_price_currency", text(3)),
        reference("need_id", "capability_needs", "fk_order_lines_need_id"),
        sa.CheckConstraint("length(cpv_code) = 10", name=op.f("ck_order_lines_cpv_code")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity")),
        check_money("unit_price", "ck_order_lines_unit_price"),
        sa.UniqueConstraint("id", "need_id", name="uq_order_lines_id_need_id"),
        sa.UniqueConstraint("purchase_order_id", "ordinal", name="uq_order_lines_purchase_order_id_ordinal"),
    )
    index_each("order_lines", "cpv_code created_at description ordinal quantity updated_at")
    op.create_index("ix_order_lines_need_id_ordinal", "order_lines", ["need_id", "ordinal", "id"])
    op.create_index("ix_order_lines_purchase_order_id_ordinal", "order_lines", ["purchase_order_id", "ordinal", "id"])
    op.create_index("ix_order_lines_unit_price", "order_lines", ["unit_price_currency", "unit_price_minor", "id"])


def _create_deliveries() -> None:
    """Create the tables of deliveries."""
    create_entity(
        "deliveries",
        sa.Column("reference", text(40), nullable=False),
        sa.Column("title", text(300), nullable=False),
        one_of(
            "status",
            "ck_deliveries_status",
            "SCHEDULED IN_TRANSIT RECEIVED ACCEPTED PARTIALLY_ACCEPTED REJECTED",
            nullable=False,
        ),
        sa.Column("recipient", text(300)),
        sa.Column("planned_on", sa.Date()),
        sa.Column("received_on", sa.Date()),
        one_of("received_on_precision", "ck_deliveries_received_on_precision", PRECISIONS),
        sa.Column("value_minor", sa.BigInteger()),
        sa.Column("value_currency", text(3)),
        one_of("value_qualifier", "ck_deliveries_value_qualifier", QUALIFIERS, nullable=False),
        sa.Column("channel", text(300)),
        sa.Column("note", text(4000)),
        reference("purchase_order_id", "purchase_orders", "fk_deliveries_purchase_order_id"),
        reference("contribution_id", "contributions", "fk_deliveries_contribution_id"),
        one_of("marking", "ck_deliveries_marking", MARKINGS, nullable=False, default="AMBER"),
        sa.CheckConstraint(
            "purchase_order_id IS NULL OR contribution_id IS NULL", name=op.f("ck_deliveries_one_origin")
        ),
        check_money("value", "ck_deliveries_value"),
        sa.UniqueConstraint("reference", name="uq_deliveries_reference"),
    )
    index_each("deliveries", "created_at marking planned_on received_on recipient reference status title updated_at")
    op.create_index("ix_deliveries_contribution_id_reference", "deliveries", ["contribution_id", "reference", "id"])
    op.create_index("ix_deliveries_purchase_order_id_reference", "deliveries", ["purchase_order_id", "reference", "id"])
    op.create_index("ix_deliveries_value", "deliveries", ["value_currency", "value_minor", "id"])

    create_sources("deliveries")

    create_link("delivery_recipients", "delivery_id", "deliveries", "account_id", "accounts")

    create_link("delivery_funders", "delivery_id", "deliveries", "participant_id", "participants")

    create_entity(
        "delivery_lines",
        reference("delivery_id", "deliveries", "fk_delivery_lines_delivery_id", ondelete="CASCADE", nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("description", text(300), nullable=False),
        sa.Column("quantity", sa.Integer()),
        one_of("quantity_qualifier", "ck_delivery_lines_quantity_qualifier", QUALIFIERS, nullable=False),
        sa.Column("unit", text(40)),
        sa.Column("accepted", sa.Integer()),
        sa.Column("rejected", sa.Integer()),
        reference("order_line_id", "order_lines", "fk_delivery_lines_order_line_id"),
        reference("need_id", "capability_needs", "fk_delivery_lines_need_id"),
        sa.ForeignKeyConstraint(
            ["order_line_id", "need_id"],
            ["order_lines.id", "order_lines.need_id"],
            name="fk_delivery_lines_order_line_id_need_id",
            ondelete=None,
        ),
        sa.CheckConstraint("(accepted IS NULL) = (rejected IS NULL)", name=op.f("ck_delivery_lines_examined")),
        sa.CheckConstraint("accepted + rejected = quantity", name=op.f("ck_delivery_lines_examined_in_full")),
        sa.CheckConstraint(
            "quantity >= 0 AND accepted >= 0 AND rejected >= 0", name=op.f("ck_delivery_lines_not_negative")
        ),
        sa.UniqueConstraint("delivery_id", "ordinal", name="uq_delivery_lines_delivery_id_ordinal"),
    )
    index_each("delivery_lines", "accepted created_at description ordinal quantity rejected updated_at")
    op.create_index("ix_delivery_lines_delivery_id_ordinal", "delivery_lines", ["delivery_id", "ordinal", "id"])
    op.create_index("ix_delivery_lines_need_id_ordinal", "delivery_lines", ["need_id", "ordinal", "id"])
    op.create_index("ix_delivery_lines_order_line_id_ordinal", "delivery_lines", ["order_line_id", "ordinal", "id"])


def _create_figures() -> None:
    """Create the tables of published figures."""
    create_entity(
        "published_figures",
        sa.Column("reference", text(40), nullable=False),
        one_of(
            "measure",
            "ck_published_figures_measure",
            "PARTICIPATING_NATIONS OBSERVERS ATTENDING_NATIONS CONTRIBUTED EXPECTED COMMITTED "
            "RAISED ATTRACTED UNDER_ACQUISITION DELIVERED SPENT",
            nullable=False,
        ),
        sa.Column("value", sa.BigInteger()),
        sa.Column("money_minor", sa.BigInteger()),
        sa.Column("money_currency", text(3)),
        one_of("qualifier", "ck_published_figures_qualifier", QUALIFIERS, nullable=False),
        sa.Column("as_of", sa.Date()),
        one_of("as_of_precision", "ck_published_figures_as_of_precision", PRECISIONS),
        sa.Column("note", text(4000)),
        reference("meeting_id", "meetings", "fk_published_figures_meeting_id"),
        reference("contribution_id", "contributions", "fk_published_figures_contribution_id"),
        reference("delivery_id", "deliveries", "fk_published_figures_delivery_id"),
        reference("participant_id", "participants", "fk_published_figures_participant_id"),
        check_money("money", "ck_published_figures_money"),
        sa.CheckConstraint("value >= 0", name=op.f("ck_published_figures_value")),
        sa.CheckConstraint(
            "(value IS NULL) <> (money_minor IS NULL)", name=op.f("ck_published_figures_value_or_money")
        ),
        sa.UniqueConstraint("reference", name="uq_published_figures_reference"),
    )
    index_each("published_figures", "as_of created_at measure qualifier reference updated_at value")
    op.create_index(
        "ix_published_figures_contribution_id_reference", "published_figures", ["contribution_id", "reference", "id"]
    )
    op.create_index(
        "ix_published_figures_delivery_id_reference", "published_figures", ["delivery_id", "reference", "id"]
    )
    op.create_index("ix_published_figures_meeting_id_reference", "published_figures", ["meeting_id", "reference", "id"])
    op.create_index("ix_published_figures_money", "published_figures", ["money_currency", "money_minor", "id"])
    op.create_index(
        "ix_published_figures_participant_id_reference", "published_figures", ["participant_id", "reference", "id"]
    )

    create_sources("published_figures")
