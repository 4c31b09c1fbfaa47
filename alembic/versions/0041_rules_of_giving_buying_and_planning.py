"""Rules that only commands held, of giving, buying and planning; and the codes of countries.

Revision 0041, after 0040.
"""

import quantities
from baseline_parts import on_postgresql
from baseline_sums import Trigger

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

#: A source can state what commands refuse, and a later record corrects an earlier one.
IS_LOADED = "EXISTS (SELECT 1 FROM loaded_rows WHERE row_id = {key})"
HOLD = "PERFORM 1 FROM {table} WHERE id IN ({keys}) ORDER BY id FOR NO KEY UPDATE;"
HOLD_GIVEN = HOLD.format(table="contributions", keys="new.contribution_id")

SHARES = "shares_sum at donors", "The shares of the donors would exceed the contribution."
#: Commands also check an amount that is lowered: they write it before the shares.
OVER_AMOUNT = """EXISTS (SELECT 1 FROM contributions AS given
    WHERE given.id = new.contribution_id AND given.amount_minor <
      (SELECT sum(share_minor) FROM contribution_donors
        WHERE contribution_id = given.id AND share_currency = given.amount_currency))"""

NOT_ALLOCATABLE = """(given.kind = 'IN_KIND' OR given.status = 'CANCELLED' OR given.statement_kind = 'TOTAL_TO_DATE'
      OR given.amount_qualifier = 'UP_TO' OR given.part_of_id IS NOT NULL)"""
FROM_IT = f"""NOT {IS_LOADED.format(key="new.id")} AND EXISTS (SELECT 1 FROM contributions AS given
    WHERE given.id = new.contribution_id AND {NOT_ALLOCATABLE})"""
ALLOCATABLE = "allocatable", "No money can be allocated from this contribution. Choose another contribution."
HAS_MONEY = "EXISTS (SELECT 1 FROM allocations WHERE contribution_id = new.id AND amount_minor > 0)"
ALLOCATED = "allocated", "Money of this contribution is allocated. Withdraw the allocations first."

HOLD_PARTS = HOLD.format(table="contributions", keys="new.id, new.part_of_id")
OF_A_PART = """EXISTS (SELECT 1 FROM contributions WHERE id = new.part_of_id AND part_of_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM contributions WHERE part_of_id = new.id)"""
PART = "part_of at partOfId", "A contribution with parts cannot be a part of another one. Choose a joint contribution."

HOLD_BOUGHT = HOLD.format(table="procurements", keys="new.procurement_id")
NOT_AWARDED = """EXISTS (SELECT 1 FROM procurements
    WHERE id = new.procurement_id AND status NOT IN ('AWARDED', 'ORDERED', 'DELIVERING'))"""
AWARDED = "awarded at to", "An order can be placed only after its procurement is AWARDED."
IDLE = "('PLANNING', 'UNSUCCESSFUL', 'CANCELLED')"
EARLY = """EXISTS (SELECT 1 FROM procurement_needs AS bought JOIN capability_needs AS need ON need.id = bought.need_id
    WHERE bought.procurement_id = new.id AND need.status IN ('DRAFT', 'SUBMITTED'))"""
VALIDATED = (
    "needs_validated at to",
    "A need of the procurement is not VALIDATED yet. Validate it, or leave it out.",
)

HOLD_ROADMAP = HOLD.format(table="roadmaps", keys="new.roadmap_id")
#: `IS` compares null too, but on PostgreSQL no two values.
TWICE = """EXISTS (SELECT 1 FROM roadmap_lines AS planned WHERE planned.roadmap_id = new.roadmap_id
    AND planned.need_id = new.need_id AND planned.year = new.year AND planned.id <> new.id
    AND planned.quarter {same} new.quarter AND planned.lead_participant_id {same} new.lead_participant_id)"""
ONCE = "planned_once at lines", "Another line plans this need for the same year and quarter with the same lead."
OUTSIDE = """EXISTS (SELECT 1 FROM roadmaps WHERE id = new.roadmap_id
    AND (first_year > new.year OR last_year < new.year))"""
HORIZON = "horizon at lines", "The year of a line is outside the horizon of the roadmap."
BY_A_BODY = """SELECT 1 FROM decisions AS decided JOIN meetings AS met ON met.id = decided.meeting_id
    WHERE decided.id = new.endorsed_by_id AND met.body IN ('STEERING_GROUP', 'UDCG')"""
HOLD_MEETING = HOLD.format(table="meetings", keys="SELECT meeting_id FROM decisions WHERE id = new.endorsed_by_id")
ENDORSED = "endorsed_by", "A roadmap is endorsed by a decision of the Steering Group or of the Contact Group."
ENDORSES = """EXISTS (SELECT 1 FROM roadmaps AS planned JOIN decisions AS decided ON decided.id = planned.endorsed_by_id
    WHERE decided.meeting_id = new.id AND planned.status <> 'DRAFT')"""

SEALED_AWARD = (
    "sealed at value",
    "The award is ACTIVE, so its value no longer changes. Cancel it and make another.",
)
SEALED_CONTENT = "sealed", "The document is FINAL or later, so its content no longer changes."
CONTENT = "title description document_type language issue_date issue_date_precision url publisher"
FIXED = "('FINAL', 'RELEASED', 'SUPERSEDED')"

COUNTRY = "country_code at countryCode", "ISO 3166-1 assigns no such country code. Choose one that is assigned."
#: The codes that ISO 3166-1 assigns, and XK for Kosovo.
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT
JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""


def upgrade() -> None:
    """Bring the tables to this revision."""
    quantities.create(triggers())


def downgrade() -> None:
    """Take the tables back to the revision before."""
    quantities.drop(triggers())


def triggers() -> list[Trigger]:
    """Return every trigger."""
    return [*of_contributions(), *of_orders(), *of_roadmaps(), *of_contents(), *of_countries()]


def of_contributions() -> list[Trigger]:
    """Return the triggers of shares, of allocations, and of parts."""
    other = differ("share_currency contribution_id")
    more = f"new.share_minor > 0 AND (old.share_minor IS NULL OR new.share_minor > old.share_minor OR {other})"
    shared = "AFTER UPDATE OF share_minor, share_currency, contribution_id"
    shares = HOLD_GIVEN, OVER_AMOUNT, SHARES
    moved = f"new.amount_minor > 0 AND (new.amount_minor > old.amount_minor OR {differ('contribution_id')})"
    changed = "AFTER UPDATE OF amount_minor, contribution_id"
    money = HOLD_GIVEN, FROM_IT, ALLOCATABLE
    stops = f"{differ('kind status statement_kind amount_qualifier part_of_id')} AND {NOT_ALLOCATABLE}"
    terms = "AFTER UPDATE OF kind, status, statement_kind, amount_qualifier, part_of_id"
    kept = f"NOT {IS_LOADED.format(key='new.id')} AND {HAS_MONEY}"
    joined, part = f"new.part_of_id IS NOT NULL AND {differ('part_of_id')}", (HOLD_PARTS, OF_A_PART, PART)
    return [
        ("shares_sum_new", "AFTER INSERT", "contribution_donors", "new.share_minor > 0", *shares),
        ("shares_sum_more", shared, "contribution_donors", more, *shares),
        ("allocatable_new", "AFTER INSERT", "allocations", "new.amount_minor > 0", *money),
        ("allocatable_more", changed, "allocations", moved, *money),
        ("allocated_stays", terms, "contributions", stops.replace("given.", "new."), "", kept, ALLOCATED),
        ("part_of_new", "AFTER INSERT", "contributions", "new.part_of_id IS NOT NULL", *part),
        ("part_of_moved", "AFTER UPDATE OF part_of_id", "contributions", joined, *part),
    ]


def of_orders() -> list[Trigger]:
    """Return the triggers of orders that are placed, and of procurements that begin."""
    placed, status = "new.status = 'PLACED' AND old.status = 'DRAFT'", "AFTER UPDATE OF status"
    early = f"NOT {IS_LOADED.format(key='new.id')} AND {NOT_AWARDED}"
    starts = f"new.status NOT IN {IDLE} AND old.status IN {IDLE}"
    needs = HOLD.format(
        table="capability_needs", keys="SELECT need_id FROM procurement_needs WHERE procurement_id = new.id"
    ).replace("NO KEY UPDATE", "SHARE")
    return [
        ("awarded_placed", status, "purchase_orders", placed, HOLD_BOUGHT, early, AWARDED),
        ("needs_validated", status, "procurements", starts, needs, EARLY, VALIDATED),
    ]


def of_roadmaps() -> list[Trigger]:
    """Return the triggers of lines that are planned twice or outside of the horizon, and of endorsements."""
    twice = TWICE.format(same="IS NOT DISTINCT FROM" if on_postgresql() else "IS")
    loaded = f"NOT {IS_LOADED.format(key='new.id')}"
    begins, moves = "new.status = 'ENDORSED' AND old.status = 'DRAFT'", differ("endorsed_by_id")
    endorsed = f"{loaded} AND NOT EXISTS ({BY_A_BODY})"
    named = f"new.endorsed_by_id IS NOT NULL AND {endorsed}"
    left = f"new.body NOT IN ('STEERING_GROUP', 'UDCG') AND {differ('body')}"
    lines, roadmaps = "roadmap_lines", "roadmaps"
    return [
        ("planned_once_new", "AFTER INSERT", lines, "", HOLD_ROADMAP, twice, ONCE),
        ("horizon_new", "AFTER INSERT", lines, "", HOLD_ROADMAP, OUTSIDE, HORIZON),
        ("horizon_moved", "AFTER UPDATE OF year", lines, differ("year"), HOLD_ROADMAP, OUTSIDE, HORIZON),
        ("endorsed_by_body", "AFTER UPDATE OF status", roadmaps, begins, HOLD_MEETING, endorsed, ENDORSED),
        ("endorsed_by_named", "AFTER UPDATE OF endorsed_by_id", roadmaps, moves, HOLD_MEETING, named, ENDORSED),
        ("endorsed_by_met", "AFTER UPDATE OF body", "meetings", left, "", f"{loaded} AND {ENDORSES}", ENDORSED),
    ]


def of_contents() -> list[Trigger]:
    """Return the triggers of awards that are in force, and of documents that are final."""
    loaded = f"NOT {IS_LOADED.format(key='new.id')}"
    award = f"old.status = 'ACTIVE' AND new.status = 'ACTIVE' AND {differ('value_minor value_currency')}"
    content = f"old.status IN {FIXED} AND new.status IN {FIXED} AND {differ(CONTENT)}"
    fields = f"AFTER UPDATE OF {', '.join(CONTENT.split())}"
    return [
        ("sealed_awards", "AFTER UPDATE OF value_minor, value_currency", "awards", award, "", loaded, SEALED_AWARD),
        ("sealed_documents", fields, "documents", content, "", loaded, SEALED_CONTENT),
    ]


def of_countries() -> list[Trigger]:
    """Return the triggers of country codes that are not assigned."""
    unknown = f"new.country_code NOT IN ({', '.join(repr(code) for code in COUNTRIES.split())})"
    return [
        (f"country_{name}_{table}", event, table, "new.country_code IS NOT NULL", "", unknown, COUNTRY)
        for table in ("participants", "suppliers")
        for name, event in (("new", "AFTER INSERT"), ("changed", "AFTER UPDATE OF country_code"))
    ]


def differ(columns: str) -> str:
    """Return the condition that one of some columns changed."""
    how = "IS DISTINCT FROM" if on_postgresql() else "IS NOT"
    return "(" + " OR ".join(f"new.{name} {how} old.{name}" for name in columns.split()) + ")"
