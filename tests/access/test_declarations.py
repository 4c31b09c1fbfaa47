"""Nothing is read or changed by default: what lacks its line in a table of access fails when it is declared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import models as m
from models import NOUNS
from resolvers.access.permissions import PERMISSIONS, Action, is_writer
from resolvers.access.visibility import VISIBILITY, VisibleThrough
from resolvers.access.visibility_rules import authenticated, not_others_draft, public
from resolvers.commands.command import all_commands, command
from resolvers.commands.spec import mutation_spec_of, register_mutation_spec
from resolvers.query.spec import query_spec_of, query_specs, register_query_spec
from schema.builder.entity_types import check_types, declared_types
from tests.reference.visibility import BELONGS_TO, WITH_DRAFTS
from tests.support.access_matrix import make_world

#: The tables, to take lines out of.
RULES: dict[Any, Any] = VISIBILITY
RIGHTS: dict[Any, Any] = PERMISSIONS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groupable": ("owner_account",)}, "the value of a group is the account's e-mail address"),
        ({"summable": {"text": "text"}}, "only amounts of money are summed"),
    ],
)
def test_a_group_of_accounts_and_a_sum_of_anything_but_money_are_not_declared(change: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        register_query_spec(replace(query_spec_of("ActionItem"), **change))


def test_a_type_that_nobody_is_said_to_see_is_not_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES, m.Meeting)
    with pytest.raises(LookupError, match=r"Meeting has no entry in VISIBILITY of resolvers/access/visibility\.py"):
        register_query_spec(query_spec_of("Meeting"))


def test_a_type_that_nobody_is_said_to_change_is_not_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RIGHTS, m.Meeting)
    with pytest.raises(LookupError, match=r"Meeting has no entry in PERMISSIONS of resolvers/access/permissions\.py"):
        register_mutation_spec(mutation_spec_of(m.Meeting))


def test_a_line_of_permissions_names_every_action(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RIGHTS, m.Meeting, {Action.CREATE: is_writer, Action.SHARE: is_writer})
    with pytest.raises(LookupError, match=r"Meeting has no rule for UPDATE, TRANSITION, DECIDE, MARK_LOWER in PERM"):
        register_mutation_spec(mutation_spec_of(m.Meeting))


def test_a_command_of_its_own_needs_the_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    own = next(each for each in all_commands() if each.name == "disable_account")
    monkeypatch.delitem(RIGHTS, m.Account)
    with pytest.raises(LookupError, match=r"Account has no entry in PERMISSIONS of resolvers/access/permissions\.py"):
        command(replace(own, name="surplus"))
    assert "surplus" not in {each.name for each in all_commands()}


def test_a_type_of_the_contract_says_how_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(declared_types(), "Vote")
    with pytest.raises(LookupError, match=r"Vote has a QuerySpec in resolvers/ and no type in schema/"):
        check_types()


def test_what_is_read_is_a_type_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(declared_types(), "Surplus", replace(declared_types()["Vote"]))
    with pytest.raises(LookupError, match=r"Surplus has a type in schema/ and no QuerySpec in resolvers/"):
        check_types()


def test_every_noun_and_no_other_file_declares_types() -> None:
    files = {spec.model.__module__.removeprefix("models.") for spec in query_specs()}
    assert files == set(NOUNS)


def test_a_declaration_that_is_not_there_says_that_the_nouns_may_not_be_loaded() -> None:
    for spec_of in (lambda: query_spec_of("Surplus"), lambda: mutation_spec_of(m.Vote)):
        with pytest.raises(LookupError, match="the nouns are not loaded"):
            spec_of()


def test_the_access_matrix_has_rows_of_every_type_that_is_not_public() -> None:
    there = {type(row) for row, _ in make_world().rows}
    guarded = {model for model, rules in VISIBILITY.items() if not {public, authenticated} & {*rules}}
    missing = [model.__name__ for model in guarded - there]
    assert missing == [], "add rows of them to make_world in tests/support/access_matrix.py, with who is to see each"


@pytest.mark.parametrize("model", VISIBILITY, ids=lambda model: model.__name__)
def test_the_reference_says_the_same_of_who_sees_a_type(model: type[m.HasId]) -> None:
    name = model.__name__
    belongs = {each.relation for each in VISIBILITY[model] if isinstance(each, VisibleThrough)}
    assert set(BELONGS_TO.get(name, ())) == belongs, f"mend BELONGS_TO in tests/reference/visibility.py for {name}"
    has_drafts = not_others_draft in VISIBILITY[model]
    assert (name in WITH_DRAFTS) == has_drafts, f"mend WITH_DRAFTS in tests/reference/visibility.py for {name}"
