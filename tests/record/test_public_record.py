"""The public record: what it says once it is loaded, each fact with its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models import Base
from resolvers.record.loader import LoadReport, load_file
from resolvers.record.record_types import record_types_by_table
from tests.support.records import RECORD, Dump, dump

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio


async def test_a_second_load_changes_nothing(database: Database) -> None:
    first = await load_file(database.bypass_policies("a test looks behind the policies"), RECORD)
    before = await dump(database)
    second = await load_file(database.bypass_policies("a test looks behind the policies"), RECORD)
    assert first.created > 600
    assert second == LoadReport(created=0, updated=0, removed=0, unchanged=first.created)
    assert await dump(database) == before


@pytest.fixture(scope="module")
async def loaded(shared_database: Database) -> Dump:
    """Return the tables with the public record in them."""
    await load_file(shared_database.bypass_policies("a test looks behind the policies"), RECORD)
    return await dump(shared_database)


def one(loaded: Dump, table: str, **values: object) -> dict[str, Any]:
    """Return the one row of `table` that has `values`."""
    (found,) = (row for row in loaded[table].values() if values.items() <= row.items())
    return found


def amounts(loaded: Dump, table: str, amount: str, **values: object) -> list[tuple[int, str]]:
    """Return an amount of each row of `table` that has `values`."""
    rows = [row for row in loaded[table].values() if values.items() <= row.items()]
    return [(row[f"{amount}_minor"], row[f"{amount}_currency"]) for row in rows]


def test_every_noun_can_stand_in_a_file() -> None:
    link_tables = {table for table in Base.metadata.tables.values() if "id" not in table.c}
    kept_by_the_server = {
        Base.metadata.tables[name] for name in ("api_tokens", "audit_events", "browser_sessions", "changes")
    }
    assert record_types_by_table().keys() == set(Base.metadata.tables.values()) - link_tables - kept_by_the_server


async def test_every_fact_of_the_record_has_a_source(loaded: Dump) -> None:
    sourced = [table for table in loaded if f"{table}_sources" in loaded]
    assert len(sourced) == 17
    for table in sourced:
        owners = {row["owner_id"] for row in loaded[f"{table}_sources"].values()}
        assert {key for (key,) in loaded[table]} == owners, table


async def test_the_cited_addresses_are_the_register_of_documents(loaded: Dump) -> None:
    cited = {row["url"] for table, rows in loaded.items() if table.endswith("_sources") for row in rows.values()}
    documents = loaded["documents"].values()
    assert cited == {row["url"] for row in documents}
    assert len(documents) == 76
    assert {row["status"].name for row in documents} == {"RELEASED"}
    assert {row["marking"].name for row in documents} == {"CLEAR"}


async def test_estonia_and_luxembourg_lead_and_ukraine_benefits(loaded: Dump) -> None:
    code = {row["id"]: row["code"] for row in loaded["participants"].values()}
    roles: dict[str, set[str]] = {}
    for row in loaded["coalition_memberships"].values():
        roles.setdefault(row["role"].name, set()).add(code[row["participant_id"]])
    assert roles["LEAD"] == {"EE", "LU"}
    assert roles["OBSERVER"] == {"US", "PL"}
    assert roles["ORGANISATION"] == {"NATO", "EU", "NSPA"}
    assert len(roles["PARTICIPANT"]) == 16
    assert one(loaded, "participants", code="EU")["country_code"] is None
    assert one(loaded, "participants", beneficiary=True)["code"] == "UA"


async def test_the_second_steering_group_created_four_groups_whose_themes_are_placeholders(loaded: Dump) -> None:
    meeting = one(loaded, "meetings", reference="SG-2")
    assert (meeting["held_on"].isoformat(), meeting["place"], meeting["number"]) == ("2024-04-03", "Luxembourg", 2)
    decision = one(loaded, "decisions", meeting_id=meeting["id"], ordinal=1)
    targets = [row for row in loaded["decision_targets"].values() if row["decision_id"] == decision["id"]]
    groups = loaded["expert_groups"].values()
    assert {row["code"] for row in groups} == {"EG1", "EG2", "EG3", "EG4"}
    assert {row["expert_group_id"] for row in targets} == {row["id"] for row in groups}
    assert {(row["name"], row["theme_status"].name, row["created_by_id"]) for row in groups} == {
        (None, "PLACEHOLDER", decision["id"])
    }


async def test_the_head_counts_of_the_second_steering_group_stand_side_by_side(loaded: Dump) -> None:
    meeting = one(loaded, "meetings", reference="SG-2")
    figures = [row for row in loaded["published_figures"].values() if row["meeting_id"] == meeting["id"]]
    sources = {
        figure["reference"]: {
            row["url"].split("/")[2]
            for row in loaded["published_figures_sources"].values()
            if row["owner_id"] == figure["id"]
        }
        for figure in figures
    }
    assert {(row["reference"], row["measure"].name, row["value"]) for row in figures} == {
        ("FIG-006", "PARTICIPATING_NATIONS", 10),
        ("FIG-007", "PARTICIPATING_NATIONS", 11),
        ("FIG-008", "OBSERVERS", 7),
    }
    assert sources["FIG-006"] == {"foreignpolicywatchdog.com"}
    assert sources["FIG-007"] == {"pravda.com.ua"}


async def test_contributions_keep_their_currency_kind_and_bounds(loaded: Dump) -> None:
    german = one(loaded, "contributions", reference="CON-010")
    assert (german["amount_minor"], german["amount_currency"], german["kind"].name) == (8_700_000_000, "EUR", "IN_KIND")
    assert german["statement_kind"].name == "TOTAL_TO_DATE"
    assert amounts(loaded, "contributions", "amount", reference="CON-004") == [(9_100_000_000, "DKK")]
    assert one(loaded, "contributions", reference="CON-013")["amount_qualifier"].name == "UP_TO"
    joint = one(loaded, "contributions", reference="CON-008")
    assert one(loaded, "contributions", part_of_id=joint["id"])["reference"] == "CON-009"
    assert len([row for row in loaded["contribution_donors"].values() if row["contribution_id"] == joint["id"]]) == 4


async def test_what_is_set_aside_for_the_oberih_register_is_of_the_joint_contribution_and_not_of_its_part(
    loaded: Dump,
) -> None:
    joint, oberih = one(loaded, "contributions", reference="CON-008"), one(loaded, "procurements", reference="PROC-005")
    allocation = one(loaded, "allocations", procurement_id=oberih["id"])
    assert (allocation["contribution_id"], allocation["amount_minor"]) == (joint["id"], 200_000_000)


async def test_a_currency_that_is_inferred_says_so(loaded: Dump) -> None:
    canadian = one(loaded, "contributions", reference="CON-016")
    assert (canadian["amount_minor"], canadian["amount_currency"], canadian["status"].name) == (
        200_000_000, "CAD", "PLEDGED",
    )  # fmt: skip
    [source] = [row for row in loaded["contributions_sources"].values() if row["owner_id"] == canadian["id"]]
    assert (source["confidence"].name, source["note"]) == ("MEDIUM", "The currency is inferred.")


async def test_conflicting_amounts_of_one_delivery_all_stand(loaded: Dump) -> None:
    delivery = one(loaded, "deliveries", reference="DEL-005")
    assert (delivery["value_minor"], delivery["value_currency"]) == (330_000_000, "EUR")
    others = amounts(loaded, "published_figures", "money", delivery_id=delivery["id"])
    assert sorted(others) == [(380_000_000, "EUR"), (381_000_000, "USD")]


async def test_deliveries_keep_the_published_quantities_and_claim_no_acceptance(loaded: Dump) -> None:
    lines = loaded["delivery_lines"].values()
    known = {(row["quantity"], row["quantity_qualifier"].name) for row in lines if row["quantity"] is not None}
    exact = {(quantity, "EXACT") for quantity in (3288, 500, 460, 872, 318, 1000, 6948, 2304, 442)}
    assert known == exact
    assert {(row["accepted"], row["rejected"]) for row in lines} == {(None, None)}
    assert {row["status"].name for row in loaded["deliveries"].values()} == {"RECEIVED"}


async def test_what_no_source_says_is_null(loaded: Dump) -> None:
    assert one(loaded, "meetings", reference="SG-2024-05-31")["number"] is None
    for table in ("capability_needs", "procurements"):
        assert {row["group_id"] for row in loaded[table].values()} == {None}
    assert {row["quantity"] for row in loaded["capability_needs"].values()} == {None}
    assert {row["supplier_id"] for row in loaded["purchase_orders"].values()} == {None}
    assert one(loaded, "contributions", reference="CON-005")["amount_minor"] is None


async def test_the_roadmap_to_2027_is_the_endorsed_one(loaded: Dump) -> None:
    endorsed = one(loaded, "roadmaps", reference="RM-2")
    assert (endorsed["status"].name, endorsed["last_year"], endorsed["first_year"]) == ("ENDORSED", 2027, None)
    assert one(loaded, "decisions", id=endorsed["endorsed_by_id"])["reference"] == "UDCG-2025-01-09/1"
