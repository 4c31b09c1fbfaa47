"""Which fields take the record's value although a person changed them: what `--overwrite` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.record.values import RecordError

if TYPE_CHECKING:
    from collections.abc import Collection

    from resolvers.record.parser import ParsedRecord, RecordRow


class Overwrites:
    """The fields, each named with its table (`capability_needs.title`) or with the record (`NEED-001.title`)."""

    def __init__(self, names: Collection[str], rows: ParsedRecord) -> None:
        """Check that each of the `names` is a field of the file. Raises RecordError for the first that is not."""
        self._names = frozenset(names)
        known = {f"{owner}.{name}" for row in rows if names for owner in _owners(row) for name in row.type.names}
        for name in names:
            if name not in known:
                message = (
                    f"--overwrite {name}: the file has no such field. Name a table and a field, such as "
                    "capability_needs.title, or a record and a field, such as NEED-001.title"
                )
                raise RecordError(message)

    def cover(self, row: RecordRow | None, name: str) -> bool:
        """Return whether the field or list `name` of a row takes what the file says."""
        return row is not None and any(f"{owner}.{name}" in self._names for owner in _owners(row))


def _owners(row: RecordRow) -> list[str]:
    return [row.type.table.name, *([row.name] if isinstance(row.name, str) else [])]
