"""How random suppliers and what is bought from them obey the constraints of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]


def supplier(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Keep an identifier and its scheme together; return whether the row can join the others."""
    if row["identifier"] is None or row["identifier_scheme"] is None:
        row |= {"identifier": None, "identifier_scheme": None}
    return True
