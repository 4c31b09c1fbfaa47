"""Runs a command: checks its input, does it in one transaction, commits, and tells what came of it.

Nothing below this commits. Where others change the same at the same moment, the whole is tried
again; a refusal leaves nothing behind but its own event in the trail.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from models import AuditAction, ClassifiedError, Scope
from models.base import new_key
from resolvers.audit.recorder import append_events, event_for, event_for_key
from resolvers.audit.transaction import audited_write
from resolvers.commands.errors import INPUT, CommandError, ConflictError, ForbiddenError, ValidationError
from resolvers.commands.idempotency import IdempotencyClaim
from resolvers.commands.input_validation import check
from resolvers.commands.integrity_errors import violation_of
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.database.unavailable import DatabaseBusyError, DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from resolvers.access.context import Actor, Context
    from resolvers.commands.command import Command

#: How often a change that met others is tried again, and how long it waits before, in seconds.
MAX_RETRIES = 3
PAUSE_SECONDS = 0.02

#: Why the statements of commands pass no policy.
REASON = "a command asks the policies itself, and weighs sums over rows its viewer may not see"

AWAY = "The database cannot be reached: send this change again in a moment, with an idempotencyKey, to make it once."


@dataclass(frozen=True)
class CommandResult:
    """A change that was made: the type and key of the object it gave."""

    type_name: str
    key: str


async def run_command(context: Context, command: Command, given: Mapping[str, Any]) -> CommandResult:
    """Do what a command asks for.

    Args:
        context: Of the request.
        command: What is asked for.
        given: Its input, by Python's names; what was left out is not there.

    Raises:
        CommandError: where the change is refused; nothing was changed then.
        DatabaseUnavailableError: where the database is at fault; unless it is of a narrower kind, the change may have
            been made.
    """
    viewer = context.viewer
    if viewer.account is None or Scope.WRITE not in viewer.scopes:
        message = "You may only read: sign in with an account, and with a token that may write."
        raise ForbiddenError(message)
    values = check(command.checker, given)
    key, reason = values.pop("idempotency_key", None), values.get("reason")
    claim = IdempotencyClaim(viewer.account, key, command.name, _without_key(given)) if key else None
    origin = context.actor(reason)
    try:
        return await _run_with_retries(context, command, values, claim, origin)
    except DatabaseUnavailableError as error:
        if type(error) is not DatabaseUnavailableError:
            raise
        # It may have gone away between the commit and the word of it.
        raise DatabaseUnavailableError(AWAY) from error
    except CommandError as refusal:
        await _record(context, command, values, origin, refusal)
        raise


async def _run_with_retries(
    context: Context, command: Command, values: Mapping[str, Any], claim: IdempotencyClaim | None, origin: Actor
) -> CommandResult:
    """Do it, again where others were in the way."""

    def work(session: Session) -> CommandResult:
        unit = UnitOfWork(session, context.viewer, origin.reason, values, max_file_bytes=context.max_file_bytes)
        expected = CommandResult(command.model.__name__, values.get("id") or unit.new_key)
        before = claim.take(session.connection(), (expected.type_name, expected.key)) if claim else None
        if before:
            # Who has lost sight of it since is told so, as of anything that is hidden.
            unit.find(command.model, before[1], (*INPUT, "idempotencyKey"))
            return CommandResult(*before)
        row = command.execute(unit, values)
        done = CommandResult(command.model.__name__, row.id)
        if claim and done != expected:
            claim.keep(session.connection(), (done.type_name, done.key))
        return done

    for tries in range(MAX_RETRIES + 1):
        try:
            return await audited_write(context.database, REASON, origin, work)
        except IntegrityError as error:
            raise ValidationError([violation_of(error, command.model)]) from error
        except ClassifiedError as error:
            code = "classified"
            raise ValidationError.at(code, str(error)) from error
        except (DatabaseBusyError, StaleDataError):
            # Each waits another while, so that those who met do not meet again.
            await asyncio.sleep(PAUSE_SECONDS * 2**tries * random.random())  # noqa: S311 - no secret
    message = "Others are changing the same at this moment, and nothing was changed: try again."
    raise ConflictError(message)


async def _record(
    context: Context, command: Command, values: Mapping[str, Any], origin: Actor, refusal: CommandError
) -> None:
    """Leave a trail of a refusal."""
    # Its reason was meant for those who would have read of the change.
    origin = replace(origin, reason=None)
    told = {"command": command.name, "code": refusal.code.name, "path": list(refusal.path)}

    def work(session: Session) -> None:
        key = values.get("id")
        row = session.get(command.model, key) if key else None
        if row is not None and UnitOfWork(session, context.viewer).sees(row):
            event = event_for(row, AuditAction.REFUSE, after=told)
        else:
            # What is hidden and what is not there leave the same trail; what was not made has no key anybody knows.
            event = event_for_key(command.model.__name__, key or new_key(), AuditAction.REFUSE, after=told)
        append_events(session.connection(), origin, [event])

    await audited_write(context.database, REASON, origin, work)


def _without_key(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "idempotency_key"}
