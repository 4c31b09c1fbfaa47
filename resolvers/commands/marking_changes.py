"""The rules and consequences of a change of a marking.

A marking can always be raised, in every status. A list of shares or recipients never has entries without effect: only
documents marked AMBER or lower have shares, only objects marked RED have recipients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import Marking
from resolvers.access.permissions import Action
from resolvers.access.readers import is_stricter
from resolvers.commands.errors import INPUT, ValidationError, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from models import Entity, ExpertGroup
    from resolvers.commands.spec import MutationSpec
    from resolvers.commands.unit_of_work import UnitOfWork

#: Relations by which an object is shown to more people, each with the input that names them.
SHARING = {"shared_with": "shared_with_ids", "recipients": "recipient_ids"}

#: The markings under which sharing with another group has no effect.
NEVER_SHARED = frozenset({Marking.AMBER_STRICT, Marking.RED})


def only_raises_marking(row: Any, given: Mapping[str, Any]) -> bool:
    """Return whether an update of a row gives nothing but a stricter marking, and whom a RED one names."""
    return {"marking"} == {*given} - {"recipient_ids"} and is_stricter(given["marking"], row.marking)


def required_actions(spec: MutationSpec, given: Mapping[str, Any], row: Any, was: Marking | None) -> Iterator[Action]:
    """Return what an update does beyond changing fields; `was` is the marking before it."""
    if {*SHARING.values()} & {*spec.many_to_many.values()} & {*given}:
        yield Action.SHARE
    if was and is_stricter(was, row.marking):
        yield Action.MARK_LOWER


def check_sharing(row: Any, given: Mapping[str, Any]) -> None:
    """Check that shares and recipients that are given have an effect. Raises ValidationError."""
    if broken := [*without_effect(row, given)]:
        raise ValidationError(broken)


def sharing_of(row: Any) -> dict[str, Any]:
    """Return the shares and recipients of a row by the names of their inputs."""
    return {name: getattr(row, relation) for relation, name in SHARING.items() if hasattr(row, relation)}


def without_effect(row: Any, given: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield a violation for shares and recipients that are given and have no effect."""
    if given.get("shared_with_ids") and row.marking in NEVER_SHARED:
        message = f"It is marked {row.marking.name} and cannot be shared: mark it AMBER first, then share it."
        yield Violation((*INPUT, "sharedWithIds"), "sharing", message)
    if given.get("recipient_ids") and row.marking is not Marking.RED:
        message = f"It is marked {row.marking.name}: only what is marked RED has recipients. Mark it RED, or leave "
        yield Violation((*INPUT, "recipientIds"), "recipients", f"{message}recipientIds out.")


def drop_sharing(
    unit: UnitOfWork, row: Any, was: Marking | None, given: Mapping[str, Any], shares: Sequence[ExpertGroup]
) -> None:
    """Take away the shares and recipients that have no effect under another marking than before.

    Args:
        unit: The unit of work.
        row: The object, with its new marking and the shares that are given.
        was: Its marking before; None where it has none.
        given: What the update gives.
        shares: The groups that it was shared with before.

    Raises:
        ValidationError: where shares are lost and no reason is given.
    """
    is_other = was is not None and row.marking is not was
    if is_other and shares and row.marking in NEVER_SHARED:
        require_reason(unit, f"it is shared no longer: what is marked {row.marking.name} cannot be shared")
        row.shared_with = []
    elif lost := sorted(each.code for each in shares if each not in row.shared_with):
        require_reason(unit, f"it is shared no longer with {', '.join(lost)}, or send the ids of these groups too")
    if is_other and row.recipients and (row.marking is not Marking.RED or "recipient_ids" not in given):
        row.recipients = []


def shares_of(row: Entity) -> list[ExpertGroup]:
    """Return the other groups that an object is shared with."""
    return [*getattr(row, "shared_with", ())]


def require_reason(unit: UnitOfWork, why: str) -> None:
    """Check that the change has a reason. Raises ValidationError."""
    if not unit.reason:
        raise ValidationError([missing_reason(why)])


def missing_reason(why: str) -> Violation:
    """Return the violation of a change that must have a reason, and has none."""
    return Violation((*INPUT, "reason"), "reason", f"The reason is missing. Say why {why}.")
