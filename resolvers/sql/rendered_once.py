"""An expression that is rendered once for each engine: rendering a long one takes SQLAlchemy a tenth of a second."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, ColumnElement, literal_column
from sqlalchemy.ext.compiler import compiles

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from sqlalchemy.types import TypeEngine

#: The rendered expressions, by their name and engine.
_rendered: dict[tuple[Hashable, str], str] = {}

#: A place in a rendered expression; a control character cannot occur in SQL of ours.
PLACE = re.compile("\x01(\\w+)\x01")


def place(name: str, type_: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """Return the place in a rendered expression for the value `name`."""
    return literal_column(f"\x01{name}\x01", type_)


class RenderedOnce(ColumnElement[Any]):
    """An expression with places for the values that differ between statements.

    Args:
        name: What identifies the expression.
        build: Builds it, with `place` for each value.
        values: The values by their names.
        type_: The type of the expression.
    """

    inherit_cache = False

    def __init__(
        self,
        name: Hashable,
        build: Callable[[], ColumnElement[Any]],
        values: Mapping[str, ColumnElement[Any]],
        type_: TypeEngine[Any] | None = None,
    ) -> None:
        self.name = name
        self.build = build
        self.values = values
        self.type = type_ or Boolean()


@compiles(RenderedOnce)
def _rendered_once(element: RenderedOnce, compiler: Any, **options: Any) -> str:
    key = element.name, compiler.dialect.name
    if key not in _rendered:
        built = element.build().compile(dialect=compiler.dialect, compile_kwargs={"literal_binds": True})
        _rendered[key] = str(built)
    values = {name: compiler.process(value, **options) for name, value in element.values.items()}
    return f"({PLACE.sub(lambda found: values[found[1]], _rendered[key])})"
