"""Rules that only commands held: earmarks, withdrawn currencies, and the terms of placed orders and endorsed roadmaps.

Revision 0037, after 0036.
"""

import amendments
import quantities
from baseline_parts import on_postgresql
from baseline_sums import Trigger

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

#: A source can state what commands refuse, and a later record corrects an earlier one.
IS_LOADED = "EXISTS (SELECT 1 FROM loaded_rows WHERE row_id = {key})"

EARMARK = (
    "earmark",
    "The donors earmarked the contribution for other areas, groups or needs. Choose another contribution.",
)
#: Earmarks that every account sees: a refusal because of another one would reveal a hidden need.
IS_EARMARKED = """(
    EXISTS (SELECT 1 FROM contribution_earmarked_areas WHERE contribution_id = new.contribution_id)
    OR EXISTS (SELECT 1 FROM contribution_earmarked_groups WHERE contribution_id = new.contribution_id)
    OR EXISTS (SELECT 1 FROM contribution_earmarked_needs AS named JOIN capability_needs AS shown
      ON shown.id = named.need_id AND shown.marking IN ('CLEAR', 'GREEN') AND shown.status <> 'DRAFT'
        AND shown.visible_since IS NOT NULL
      WHERE named.contribution_id = new.contribution_id))"""
OF_ITS_GROUP = """EXISTS (SELECT 1 FROM contribution_earmarked_groups AS named JOIN procurements AS bought
      ON bought.group_id = named.group_id AND bought.id = new.procurement_id
      WHERE named.contribution_id = new.contribution_id)"""
SERVES = """EXISTS (SELECT 1 FROM capability_needs AS served
      WHERE (served.id = new.need_id OR (new.need_id IS NULL AND EXISTS (SELECT 1 FROM procurement_needs AS bought
          WHERE bought.procurement_id = new.procurement_id AND bought.need_id = served.id)))
        AND (EXISTS (SELECT 1 FROM contribution_earmarked_areas AS named
            WHERE named.contribution_id = new.contribution_id AND named.area_id = served.area_id)
          OR EXISTS (SELECT 1 FROM contribution_earmarked_groups AS named
            WHERE named.contribution_id = new.contribution_id AND named.group_id = served.group_id)
          OR EXISTS (SELECT 1 FROM contribution_earmarked_needs AS named
            WHERE named.contribution_id = new.contribution_id AND named.need_id = served.id)))"""
MISSED = f"NOT {IS_LOADED.format(key='new.id')} AND {IS_EARMARKED} AND NOT {OF_ITS_GROUP} AND NOT {SERVES}"
#: Against an earmark that is stated at the same moment.
HOLD_GIVEN = "PERFORM 1 FROM contributions WHERE id = new.contribution_id FOR NO KEY UPDATE;"

#: The last day of each withdrawn currency.
LAST_DAYS = {
    "2002-02-28": "ATS DEM FIM FRF IEP NLG BEF ESP GRD ITL LUF PTE",
    "2007-01-14": "SIT",
    "2008-01-31": "CYP MTL",
    "2009-01-16": "SKK",
    "2011-01-14": "EEK",
    "2014-01-14": "LVL",
    "2015-01-15": "LTL",
    "2023-01-14": "HRK",
    "2026-01-31": "BGN",
}
WITHDRAWN = ", ".join(f"'{code}'" for codes in LAST_DAYS.values() for code in codes.split())
#: The amounts of each table, and its days of the fact: the first that is known counts.
AMOUNTS = {
    "capability_needs": ("estimated_cost", ""),
    "contributions": ("amount", "announced_on committed_on"),
    "procurements": ("estimated_value ceiling", "approved_on"),
    "awards": ("value", "awarded_on"),
    "purchase_orders": ("value", "ordered_on"),
    "deliveries": ("value", "received_on planned_on"),
    "published_figures": ("money", "as_of"),
    "roadmap_lines": ("planned_amount", ""),
}
#: The amounts of parts, whose day is that of the object that they belong to: its table, its key and its day.
OF_PARTS = {
    "order_lines": ("unit_price", "purchase_orders", "purchase_order_id", "ordered_on"),
    "procurement_items": ("estimated_unit_value", "procurements", "procurement_id", "approved_on"),
}
ENDED = (
    "withdrawn_currency",
    "The currency was withdrawn before that day. Use its successor, or enter the earlier day of the amount.",
)

SEALED = "sealed", "The order is placed. Amend it with amendPurchaseOrder."
SUPPLIED = "supplier at supplierId", "An order that is placed has a supplier. Choose another one, or cancel the order."
#: What an amendment changes, and what nothing does.
TERMS = "value_minor value_currency value_qualifier expected_on exchange_rate exchange_rate_on exchange_rate_source"
LINE_TERMS = "quantity unit_price_minor unit_price_currency vat_rate"
LINE_FIXED = "kind description cpv_code unit need_id purchase_order_id"
PLACED = "old.status <> 'DRAFT' AND new.status <> 'DRAFT'"
BINDS = "new.status NOT IN ('DRAFT', 'CANCELLED')"
LOSES = f"old.supplier_id IS NOT NULL AND new.supplier_id IS NULL AND {BINDS}"

ENDORSED = (
    "sealed at lines",
    "The roadmap is endorsed, so its lines no longer change. Plan a roadmap that supersedes it.",
)
HORIZON = "sealed", "The roadmap is endorsed, so its horizon and its decision no longer change."
LINE_PLANS = (
    "year quarter quantity unit planned_amount_minor planned_amount_currency need_id lead_participant_id roadmap_id"
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.create(triggers())


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(triggers())


def triggers() -> list[Trigger]:
    """Return every trigger."""
    return [*of_earmarks(), *of_currencies(), *of_orders(), *of_roadmaps()]


def of_earmarks() -> list[Trigger]:
    """Return the triggers of allocations that the earmark of their contribution does not admit."""
    other = differ("need_id procurement_id contribution_id")
    more = f"new.amount_minor > 0 AND (new.amount_minor > old.amount_minor OR {other})"
    changed = "AFTER UPDATE OF amount_minor, need_id, procurement_id, contribution_id"
    return [
        ("earmark_new", "AFTER INSERT", "allocations", "new.amount_minor > 0", HOLD_GIVEN, MISSED, EARMARK),
        ("earmark_more", changed, "allocations", more, HOLD_GIVEN, MISSED, EARMARK),
    ]


def of_currencies() -> list[Trigger]:
    """Return the triggers of new amounts in a currency that was withdrawn before the day of the fact."""
    found: list[Trigger] = []
    for table, (amounts, days) in AMOUNTS.items():
        codes = [f"{name}_currency" for name in amounts.split()]
        known = ", ".join(f"new.{day}" for day in days.split())
        day = f"coalesce({known}, {{otherwise}})" if known else "{otherwise}"
        found += _of_amounts(table, codes, days.split(), day)
    for table, (name, owners, key, day) in OF_PARTS.items():
        code = f"{name}_currency"
        found += _of_amounts(
            table, [code], [], f"coalesce((SELECT {day} FROM {owners} WHERE id = new.{key}), {{otherwise}})"
        )
        late = f"coalesce(new.{day}, CURRENT_DATE) > {last_day(code)}"
        parts = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = new.id AND {code} IN ({WITHDRAWN}) AND {late})"
        found.append((f"currency_of_{table}", f"AFTER UPDATE OF {day}", owners, f"({differ(day)})", "", parts, ENDED))
    return found


def _of_amounts(table: str, codes: list[str], days: list[str], day: str) -> list[Trigger]:
    """Return the triggers of a table; without a day of the fact, an amount is of the day on which it is entered."""
    old_ones = " OR ".join(f"new.{code} IN ({WITHDRAWN})" for code in codes)
    entered = "CAST(new.created_at AT TIME ZONE 'UTC' AS DATE)" if on_postgresql() else "substr(new.created_at, 1, 10)"
    new, now = (
        " OR ".join(f"({day.format(otherwise=otherwise)} > {last_day(f'new.{code}')})" for code in codes)
        for otherwise in (entered, "CURRENT_DATE")
    )
    changed = f"AFTER UPDATE OF {', '.join([*codes, *days])}"
    moved = f"({old_ones}) AND ({differ(' '.join([*codes, *days]))})"
    return [
        (f"currency_new_{table}", "AFTER INSERT", table, old_ones, "", new, ENDED),
        (f"currency_now_{table}", changed, table, moved, "", now, ENDED),
    ]


def last_day(code: str) -> str:
    """Return the SQL of the last day of the withdrawn currency `code`; null for other currencies."""
    cases = " ".join(
        f"WHEN {code} IN ({', '.join(repr(each) for each in codes.split())}) THEN '{day}'"
        for day, codes in LAST_DAYS.items()
    )
    return f"CAST(CASE {cases} END AS DATE)" if on_postgresql() else f"CASE {cases} END"


def of_orders() -> list[Trigger]:
    """Return the triggers of placed orders: what an amendment changes, and what nothing does."""
    whole = amendments.IS_WHOLE.format(order="purchase_orders.id")
    loaded = IS_LOADED.format(key="purchase_orders.id")
    never = f"""{differ("procurement_id funded_in")} OR new.amendment_count < old.amendment_count
      OR (old.value_currency IS NOT NULL AND {differ("value_currency")})"""
    columns = ", ".join(f"{TERMS} procurement_id funded_in amendment_count".split())
    sealed = "EXISTS (SELECT 1 FROM purchase_orders WHERE {rows} AND NOT {loaded} AND ({broken}))"
    own = sealed.format(rows="id = new.id", loaded=loaded, broken=f"{never} OR {whole}")
    its_lines = "id IN (old.purchase_order_id, new.purchase_order_id) AND status <> 'DRAFT'"
    lines = sealed.format(rows=its_lines, loaded=loaded, broken=f"{differ(LINE_FIXED)} OR {whole}")
    gone = sealed.format(rows="id = old.purchase_order_id AND status <> 'DRAFT'", loaded=loaded, broken="1 = 1")
    line_terms = f"{LINE_TERMS} {LINE_FIXED}"
    supplier = f"NOT {IS_LOADED.format(key='new.id')}"
    return [
        (
            "sealed_orders", f"AFTER UPDATE OF {columns}", "purchase_orders",
            f"{PLACED} AND ({never} OR {differ(TERMS)})", "", own, SEALED,
        ),
        (
            "sealed_order_lines", f"AFTER UPDATE OF {', '.join(line_terms.split())}", "order_lines",
            differ(line_terms), "", lines, SEALED,
        ),
        ("sealed_order_lines_gone", "AFTER DELETE", "order_lines", "", "", gone, SEALED),
        ("sealed_supplier", "AFTER UPDATE OF supplier_id", "purchase_orders", LOSES, "", supplier, SUPPLIED),
    ]  # fmt: skip


def of_roadmaps() -> list[Trigger]:
    """Return the triggers of endorsed roadmaps, whose past is exact because nothing in them changes."""
    endorsed = "EXISTS (SELECT 1 FROM roadmaps WHERE {rows} AND status <> 'DRAFT' AND NOT {loaded})"
    loaded = IS_LOADED.format(key="roadmaps.id")
    lines = endorsed.format(rows="id IN (old.roadmap_id, new.roadmap_id)", loaded=loaded)
    gone = endorsed.format(rows="id = old.roadmap_id", loaded=loaded)
    changed = f"AFTER UPDATE OF {', '.join(LINE_PLANS.split())}"
    # A restored backup enters the decision of an endorsed roadmap later than the roadmap.
    other = f"""{PLACED} AND ({differ("first_year last_year")}
      OR (old.endorsed_by_id IS NOT NULL AND {differ("endorsed_by_id")}))"""
    horizon = f"NOT {IS_LOADED.format(key='new.id')}"
    return [
        ("sealed_roadmap_lines", changed, "roadmap_lines", differ(LINE_PLANS), "", lines, ENDORSED),
        ("sealed_roadmap_lines_gone", "AFTER DELETE", "roadmap_lines", "", "", gone, ENDORSED),
        (
            "sealed_roadmaps", "AFTER UPDATE OF first_year, last_year, endorsed_by_id", "roadmaps",
            other, "", horizon, HORIZON,
        ),
    ]  # fmt: skip


def differ(columns: str) -> str:
    """Return the condition that one of some columns changed."""
    how = "IS DISTINCT FROM" if on_postgresql() else "IS NOT"
    return "(" + " OR ".join(f"new.{name} {how} old.{name}" for name in columns.split()) + ")"
