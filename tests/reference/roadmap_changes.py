"""The changes between two roadmaps once more, in plain Python over the loaded rows that a viewer sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import permutations, zip_longest
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.attributes import set_committed_value

from models import RoadmapChange, RoadmapChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class LateRows(Sequence[Any]):
    """Rows that are computed when they are read: most queries do not read the changes of roadmaps."""

    def __init__(self, make: Callable[[], Iterable[Any]]) -> None:
        self._make = make

    @cached_property
    def rows(self) -> list[Any]:
        """The rows."""
        return list(self._make())

    def __getitem__(self, place: Any) -> Any:
        """Return a row."""
        return self.rows[place]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)


def add_roadmap_changes(entities: dict[str, Any]) -> None:
    """Add the changes between each two of the loaded roadmaps."""
    roadmaps = entities["Roadmap"]
    entities["RoadmapChange"] = LateRows(
        lambda: (change for pair in permutations(roadmaps, 2) for change in changes_of(*pair))
    )


def compared(roadmaps: Sequence[Any], arguments: dict[str, Any]) -> list[RoadmapChange] | None:
    """Return the changes between the roadmaps that the arguments name; None if one is not there."""
    named = [arguments.pop(name) for name in ("from", "to")]
    found = [
        next((each for each in roadmaps if text in {f"Roadmap:{each.id}", each.reference}), None) for text in named
    ]
    return None if None in found else list(changes_of(*found))


def changes_of(before: Any, after: Any) -> Iterator[RoadmapChange]:
    """Yield the changes from one roadmap to another."""
    if before is after:
        return
    slots = [slots_of(each.lines) for each in (before, after)]
    for slot in {*slots[0]} & {*slots[1]}:
        old, new = slots[0][slot], slots[1][slot]
        for kind, said in (("AMOUNT_CHANGED", amount_of), ("QUANTITY_CHANGED", quantity_of)):
            if said(old) != said(new):
                yield change(kind, old, new, before, after)
    left: dict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for side, (own, other) in enumerate(((slots[0], slots[1]), (slots[1], slots[0]))):
        for slot in {*own} - {*other}:
            left[slot[:2]][side].append(own[slot])
    for sides in left.values():
        in_time = (sorted(side, key=lambda line: (line.year, line.quarter or 5, line.id)) for side in sides)
        for old, new in zip_longest(*in_time):
            kind = "MOVED" if old and new else "REMOVED" if old else "ADDED"
            yield change(kind, old, new, before, after)


def slots_of(lines: Sequence[Any]) -> dict[Any, Any]:
    """Return the lines of a roadmap by need, lead, year and quarter, and by their place among those of the same."""
    found: dict[Any, Any] = {}
    for line in sorted(lines, key=lambda line: line.id):
        slot = (line.need.id, line.lead_participant_id, line.year, line.quarter)
        found[*slot, sum(each[:4] == slot for each in found)] = line
    return found


def amount_of(line: Any) -> tuple[int | None, str | None]:
    """Return the amount that a line plans."""
    return line.planned_amount_minor, line.planned_amount_currency


def quantity_of(line: Any) -> tuple[Any, str | None]:
    """Return the quantity that a line plans, and its unit."""
    return line.quantity, line.unit


def change(kind: str, old: Any, new: Any, before: Any, after: Any) -> RoadmapChange:
    """Return a change: a line of the first roadmap, of the second, or of both."""
    digit = "2" if kind == "QUANTITY_CHANGED" else "0"
    start = f"{digit}{after.id[29:]}{old.id[8:]}" if old else f"1{before.id[29:]}{new.id[8:]}"
    made = RoadmapChange(id=start, kind=RoadmapChangeKind[kind], year=(new or old).year)
    for name, value in {"need": (new or old).need, "line_before": old, "line_after": new}.items():
        set_committed_value(made, name, value)
    return made
