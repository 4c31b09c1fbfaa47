"""The aliases of a statement: shared with other statements, and never the same twice."""

from __future__ import annotations

from models import Procurement, PurchaseOrder
from models.derived.aliases import SHARED, StatementAliases


def test_a_statement_never_gets_an_alias_twice() -> None:
    aliases = StatementAliases()
    found = [aliases.new(model) for _ in range(SHARED + 2) for model in (Procurement, PurchaseOrder)]
    assert len({*found}) == 2 * (SHARED + 2)


def test_statements_share_the_first_aliases_and_the_conditions_of_those() -> None:
    one, other = StatementAliases(), StatementAliases()
    pairs = [(one.new(Procurement), other.new(Procurement)) for _ in range(SHARED + 1)]
    assert [mine is theirs for mine, theirs in pairs] == [True] * SHARED + [False]
    assert one.conditions(pairs[0][0]) is other.conditions(pairs[0][1])
    assert one.conditions(pairs[-1][0]) == {}
