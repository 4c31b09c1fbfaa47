"""What a load writes, in lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.record.diff import RecordDiff


def changes_of(plan: RecordDiff) -> Iterator[str]:
    """Return a line for each row that is new, changed or removed, which names the fields that change."""
    for row in plan.created:
        yield f"{row.path}: is new"
    for row, values in plan.changed.items():
        names = [name for name, columns in row.type.columns.items() if any(each.name in values for each in columns)]
        names += [name for name in row.type.links if any(each.row is row for each in plan.relinked)]
        yield f"{row.path}: {', '.join(names)}: takes what the file says"
    for removed in plan.removed:
        yield f"{removed.path}: one goes, as the file leaves it out"
