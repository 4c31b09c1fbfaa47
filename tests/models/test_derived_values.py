"""Derived values: they reach other tables as their reader lets them, and share what they compute."""

from __future__ import annotations

import ast
from functools import partial
from inspect import getattr_static
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import String, and_, cast, func, select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.hybrid import hybrid_property

from models import Allocation, Base, CapabilityArea, CapabilityNeed, Contribution
from models.derived.rows import QueriedRow, RowAlias, total
from models.derived.tables import EveryRow, Tables, unrestricted
from models.derived.values import computed, derived, figures
from models.orders.deliveries import COUNTED_STATUSES
from models.types import Quantity
from models.units import have_same_unit
from resolvers.sql.lateral import lateral_row
from tests.generators.rows import fill
from tests.support.database.unmarked_tables import MarkedRows, unmarked_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[2]
#: In the order of their names: the processes of one run must agree on it.
ENTITIES = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
COMPUTED = [
    (model, name)
    for model in ENTITIES
    for name in dir(model)
    if not name.startswith("_")
    and isinstance(getattr_static(model, name), derived | figures | computed | hybrid_property)
]
#: With these a derived value would read a table by itself.
READERS = {"Select", "alias", "aliased", "cte", "exists", "lateral", "literal_column", "select", "table", "union"}
EVERYTHING = {"EveryRow", "Tables", "unrestricted"}


def ids(values: list[tuple[type[Base], str]]) -> list[str]:
    return [f"{model.__name__}.{name}" for model, name in values]


@pytest.mark.parametrize(("model", "name"), COMPUTED, ids=ids(COMPUTED))
def test_a_computed_value_reads_no_table_but_through_its_row(model: type[Base], name: str) -> None:
    value = Tables(MarkedRows()).value(model, name)
    expressions = vars(value).values() if isinstance(value, SimpleNamespace) else [value]
    assert [unmarked_tables(each, model) for each in expressions] == [set() for _ in expressions]


def test_a_value_that_reads_a_table_by_itself_is_found() -> None:
    def of_a_contribution(contribution: Any) -> Any:
        return select(func.sum(Allocation.amount_minor)).where(Allocation.contribution_id == contribution.id)

    row: Any = RowAlias(Contribution, Tables(MarkedRows()))
    summed = of_a_contribution(row).scalar_subquery()
    assert unmarked_tables(row.amount_minor - summed, Contribution) == {"allocations"}
    assert unmarked_tables(Allocation.amount_minor + row.amount_minor, Contribution) == {"allocations"}
    marked = row.related("allocations")
    assert unmarked_tables(marked.sum(Allocation.amount_minor), Contribution) == {"allocations"}
    assert unmarked_tables(marked.sum(marked.amount_minor), Contribution) == set()


def test_a_noun_has_nothing_to_read_a_table_with() -> None:
    # The facts that statuses follow are of all rows, seen or not: commands read them.
    files = sorted(file for file in (ROOT / "models").glob("*.py") if file.name != "status_facts.py")
    assert {file.name: names & READERS for file in files if (names := _imported(file)) & READERS} == {}


def test_an_answer_to_a_viewer_takes_in_no_rows_that_are_not_visible() -> None:
    packages = ("resolvers/access", "resolvers/audit", "resolvers/query", "schema", "server")
    files = [file for package in packages for file in (ROOT / package).rglob("*.py")]
    found = {file.name: names & EVERYTHING for file in files if (names := _imported(file)) & EVERYTHING}
    assert found == {"visible_entities.py": {"Tables"}}


def _imported(file: Path) -> set[str]:
    tree = ast.walk(ast.parse(file.read_text()))
    return {alias.name for node in tree if isinstance(node, ast.ImportFrom) for alias in node.names}


def test_an_entity_gives_no_sql_of_a_derived_value_by_itself() -> None:
    declared: Any = CapabilityNeed.accepted_quantity
    with pytest.raises(ArgumentError):
        select(declared)


def test_a_row_gives_no_relation_to_build_a_condition_with() -> None:
    # `Contribution.allocations.any()` would read allocations by itself.
    with pytest.raises(AttributeError, match=r"allocations is a relation: use related\('allocations'\)"):
        _ = unrestricted(Contribution).allocations


def test_a_derived_value_is_not_set() -> None:
    with pytest.raises(AttributeError, match=r"CapabilityNeed\.fulfilment is derived from other rows"):
        CapabilityNeed(fulfilment=10_000)


def test_a_derived_value_without_sql_says_what_to_declare() -> None:
    value = derived(lambda _need: 0)
    with pytest.raises(LookupError, match=r"has no SQL: declare it with"):
        value.sql(unrestricted(CapabilityNeed))


def test_no_attribute_of_an_entity_is_hidden_by_what_a_row_can_do() -> None:
    methods = {name for name in dir(QueriedRow) if not name.startswith("_")}
    assert methods
    assert {model.__name__: taken for model in ENTITIES if (taken := methods & {*dir(model)})} == {}


@pytest.fixture(scope="module")
async def filled(shared_database: Database) -> Database:
    await fill(shared_database)
    return shared_database


def tables_of(database: Database) -> list[Tables]:
    """Return both ways in which figures enter a statement."""
    return [Tables(EveryRow()), Tables(EveryRow(), partial(lateral_row, dialect=database.dialect))]


async def rows_of(database: Database, model: Any, value: Callable[[Any], Any], tables: Tables) -> dict[str, Any]:
    """Read a value of every row by its natural key, with a statement that is rendered as a query's is."""
    key = getattr(model, model.natural_key[0]).label("key")
    statement = select(key, value(tables.row(model)).label("value")).select_from(model)
    rendered = statement.compile(dialect=database.dialect, compile_kwargs={"literal_binds": True})
    async with database.bypass_policies("a test looks behind the policies").connect() as connection:
        found = await connection.exec_driver_sql(str(rendered))
        return {row["key"]: row["value"] for row in found.mappings()}


async def objects_of(database: Database, model: Any, value: Callable[[Any], Any]) -> dict[str, Any]:
    """Compute the same in Python over the loaded objects."""
    key = model.natural_key[0]
    async with AsyncSession(database.bypass_policies("a test looks behind the policies")) as session:
        return await session.run_sync(
            lambda sync: {getattr(row, key): value(row) for row in sync.scalars(select(model))}
        )


def thousandths(quantity: Decimal | int) -> int:
    """Return a quantity in the units that the database adds up."""
    return Quantity.units(quantity)


async def test_a_derived_value_may_add_up_those_of_other_rows(filled: Database) -> None:
    def outstanding(area: Any) -> Any:
        need = area.related("needs")
        return need.sum(need.outstanding_quantity, where=need.fulfilment.is_not(None))

    expected = await objects_of(
        filled, CapabilityArea, lambda area: thousandths(sum(need.outstanding_quantity or 0 for need in area.needs))
    )
    assert any(expected.values())
    for tables in tables_of(filled):
        assert await rows_of(filled, CapabilityArea, outstanding, tables) == expected


async def test_figures_of_one_select_are_read_one_by_one(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    @figures
    def delivered(need: Any) -> Any:
        line = need.related("delivery_lines")
        counted = and_(line.join("delivery").status.in_(COUNTED_STATUSES), have_same_unit(line, need))
        kept = total(line.accepted - line.returned, counted)
        return line.figures(accepted=kept, rejected=total(line.rejected), first=func.min(line.description))

    def read(need: Any) -> Any:
        left = cast(need.delivered.accepted - need.delivered.rejected, String)
        return func.coalesce(need.delivered.first, "") + ":" + left

    def computed(need: CapabilityNeed) -> str:
        left = need.accepted_quantity - sum(line.rejected or 0 for line in need.delivery_lines)
        return f"{min((line.description for line in need.delivery_lines), default='')}:{thousandths(left)}"

    monkeypatch.setattr(CapabilityNeed, "delivered", delivered, raising=False)
    expected = await objects_of(filled, CapabilityNeed, computed)
    assert len(set(expected.values())) > 1
    for tables in tables_of(filled):
        assert await rows_of(filled, CapabilityNeed, read, tables) == expected


async def test_a_derived_value_may_take_in_all_rows_of_a_type(filled: Database) -> None:
    def accepted_elsewhere(area: Any) -> Any:
        need, every = area.related("needs"), area.every(CapabilityNeed)
        return every.sum(every.accepted_quantity) - need.sum(need.accepted_quantity)

    accepted = await objects_of(
        filled, CapabilityArea, lambda area: thousandths(sum(need.accepted_quantity for need in area.needs))
    )
    expected = {code: sum(accepted.values()) - found for code, found in accepted.items()}
    assert len(set(expected.values())) > 1
    for tables in tables_of(filled):
        assert await rows_of(filled, CapabilityArea, accepted_elsewhere, tables) == expected
