"""Types of the contract are defined without Strawberry's decorators, and come out as with them."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry import UNSET

from schema.builder.fields import argument, define, field, input_class, list_of, make_input, make_type, optional_input


@strawberry.interface(description="What has a name.")
class Named:
    """What has a name."""

    name: str = strawberry.field(description="Its name.")


def made() -> list[Any]:
    """Make an input that speaks of itself, an object type and one with an interface, as the nouns do."""
    where = input_class("Where")
    define(
        where, "Which.", [optional_input("in_", list_of(str), "One of these.", "in"), optional_input("not_", where, "")]
    )
    step = make_input("Step", "A step.", [field("by", str, "By what."), optional_input("most", int, "How many.")])
    item = type("Item", (Named,), {})
    steps = argument("first_steps", list_of(step) | None, "The steps.")
    define(
        item, "An  item.", [field("items", list_of(item) | None, "More.", steps, argument("where", where, "W."))], Named
    )
    return [item, make_type("Query", "All.", [field("an_item", item, "One.")])]


def decorated() -> list[Any]:
    """Make the same with the decorators."""

    def one(description: str, **more: Any) -> Any:
        return strawberry.field(description=description, default=UNSET, **more)

    where = type("Where", (), {"in_": one("One of these.", name="in"), "not_": one("")})
    where.__annotations__ = {"in_": list[str] | None, "not_": where | None}
    strawberry.input(where, description="Which.")
    step = type("Step", (), {"by": strawberry.field(description="By what."), "most": one("How many.")})
    step.__annotations__ = {"by": str, "most": int | None}
    strawberry.input(step, description="A step.")
    item = type("Item", (Named,), {})
    items: Any = field("items", list_of(item) | None, "More.")
    items.arguments = [
        argument("first_steps", list_of(step) | None, "The steps."),
        argument("where", where, "W."),
    ]
    item.items = items  # type: ignore[attr-defined]
    item.__annotations__ = {"items": list_of(item) | None}
    strawberry.type(item, description="An item.")
    query = type("Query", (), {"an_item": strawberry.field(description="One.")})
    query.__annotations__ = {"an_item": item}
    return [item, strawberry.type(query, description="All.")]


def contract(types: list[Any]) -> str:
    return strawberry.Schema(query=types[-1], types=types).as_str()


def test_types_come_out_as_with_the_decorators() -> None:
    printed = contract(made())
    assert printed == contract(decorated())
    assert "  items(\n" in printed
    assert "type Item implements Named {" in printed


def test_an_input_holds_what_was_given_and_its_defaults() -> None:
    step = make_input("Step", "A step.", [field("by", str, "By what."), optional_input("most", int, "How many.")])
    given, other = step(by="name", most=None), step(by="code")
    assert (given.by, given.most) == ("name", None)
    assert (other.by, other.most) == ("code", UNSET)
