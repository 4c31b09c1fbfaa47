"""Extends `alembic revision --autogenerate`: it writes the protection of tables, and numbers the migration.

The wanted protections come from `resolvers/access/row_level_security.py`, which uses the same declarations as the
visibility predicates. They are compared with `PROTECTED` of the landed migrations, so that the result is the same on
both engines; `alembic check` reports a difference too.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from alembic.autogenerate import renderers
from alembic.operations import MigrateOperation, ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from protection import Protection

from resolvers.access.row_level_security import table_access

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alembic.autogenerate.api import AutogenContext
    from alembic.operations.ops import MigrationScript, UpgradeOps
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

Protections = dict[str, Protection | None]

#: The width of a line of a condition, within the indentation of `PROTECTED`.
WIDTH = 100


class ProtectOp(MigrateOperation):
    """The call of `protect` in a migration, with the call that undoes it."""

    def __init__(self, after: Protections, before: Protections, *, upgrades: bool = True) -> None:
        self.after = after
        self.before = before
        self.constant = "PROTECTED" if upgrades else "PROTECTED_BEFORE"

    def reverse(self) -> ProtectOp:
        """Return the call that undoes this one."""
        return ProtectOp(self.before, self.after, upgrades=False)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what `alembic check` reports."""
        return ("protect", list(self.after))


@renderers.dispatch_for(ProtectOp)
def _render(context: AutogenContext, operation: ProtectOp) -> str:
    context.imports.add("from protection import Protection, protect")
    return f"protect({operation.constant})"


def _compare(context: AutogenContext, upgrade_ops: UpgradeOps, _schemas: object) -> PriorityDispatchResult:
    migrations = context.migration_context
    made = {operation.table_name for operation in upgrade_ops.ops if isinstance(operation, ops.CreateTableOp)}
    environment = migrations.environment_context
    assert environment is not None, "autogenerate runs in Alembic's environment"  # noqa: S101
    landed = {table: each for table, each in landed_protections(environment.script).items() if table not in made}
    wanted = {table: Protection(*access) for table, access in table_access().items()}
    changed = [table for table in {**wanted, **landed} if wanted.get(table) != landed.get(table)]
    if changed:
        call = ProtectOp({each: wanted.get(each) for each in changed}, {each: landed.get(each) for each in changed})
        # A policy must be created after the tables that it reads, and dropped before them.
        drops = [place for place, each in enumerate(upgrade_ops.ops) if isinstance(each, ops.DropTableOp)]
        upgrade_ops.ops.insert(drops[0] if drops else len(upgrade_ops.ops), call)
    return PriorityDispatchResult.CONTINUE


# Last, because then the new tables are known.
Plugin("coalition.protection").add_autogenerate_comparator(_compare, "schema", priority=DispatchPriority.LAST)


def landed_protections(script: ScriptDirectory) -> dict[str, Protection]:
    """Return the protection of each table after all migrations, from their `PROTECTED` in order."""
    found: Protections = {}
    for revision in reversed(list(script.walk_revisions())):
        found |= getattr(revision.module, "PROTECTED", {})
    return {table: protection for table, protection in found.items() if protection}


def process_revision_directives(
    context: MigrationContext, _revision: object, directives: list[MigrationScript]
) -> None:
    """Number the new migration, and pass its protections to the template."""
    environment = context.environment_context
    assert environment is not None, "revisions are made in Alembic's environment"  # noqa: S101
    numbers = [int(each.revision) for each in environment.script.walk_revisions() if each.revision.isdecimal()]
    for script in directives:
        script.rev_id = f"{max(numbers, default=0) + 1:04}"
        calls = [each for each in script.upgrade_ops.ops if isinstance(each, ProtectOp)] if script.upgrade_ops else []
        context.opts["template_args"]["protections"] = {
            name: literal(protections)
            for call in calls
            for name, protections in (("PROTECTED", call.after), ("PROTECTED_BEFORE", call.before))
        }


def literal(protections: Mapping[str, Protection | None]) -> str:
    """Return protections as a Python literal, with long conditions on separate lines."""
    entries = "".join(f"    {table!r}: {_entry(protection)},\n" for table, protection in protections.items())
    return f"{{\n{entries}}}"


def _entry(protection: Protection | None) -> str:
    if protection is None:
        return "None"
    lines = textwrap.wrap(protection.condition, WIDTH, break_long_words=False, break_on_hyphens=False)
    condition = "\n".join(repr(line if line is lines[-1] else f"{line} ") for line in lines)
    flags = "".join(f", {name}=True" for name in ("visible_keys", "append_only") if getattr(protection, name))
    return f"Protection({condition}{flags})"
