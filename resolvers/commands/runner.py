"""Runs a command: validates the input, executes the command in one transaction, commits and returns the result.

No other module commits. If a concurrent change conflicts, the whole command is retried. A rejected command changes
nothing and writes one audit event.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import CircularDependencyError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from models import ClassifiedError
from resolvers.audit.transaction import audited_write
from resolvers.commands.errors import INPUT, CommandError, ConflictError, ForbiddenError, ValidationError
from resolvers.commands.idempotency import IdempotencyClaim
from resolvers.commands.input_validation import check
from resolvers.commands.integrity_errors import CIRCLE, breaks_a_rule, violation_of
from resolvers.commands.refusal_events import REASON, record_refusal
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.database.unavailable import DatabaseBusyError, DatabaseUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from resolvers.access.context import Actor, Context
    from resolvers.commands.command import Command

#: How often a change is retried after a conflict, and how long the first pause is, in seconds.
MAX_RETRIES = 3
PAUSE_SECONDS = 0.02

READ_ONLY = "Your access is read-only. Sign in with an account, and use a token with the WRITE scope."

AWAY = (
    "The database cannot be reached. Send this change again in a moment; with an idempotencyKey it is made only once."
)


@dataclass(frozen=True)
class CommandResult:
    """The result of a command: the type and key of the object that it returned."""

    type_name: str
    key: str


async def run_command(context: Context, command: Command, given: Mapping[str, Any]) -> CommandResult:
    """Run a command and return its result.

    Args:
        context: The context of the request.
        command: The command to run.
        given: The input by Python names, without the fields that the request omits.

    Raises:
        CommandError: the change is rejected; nothing was changed.
        DatabaseUnavailableError: the database is at fault. A subclass means that nothing was changed; otherwise the
            change was possibly committed.
    """
    try:
        return await _run_command(context, command, given)
    except CommandError as refusal:
        context.progress.refusals += [(refusal.code.name, rule) for rule in refusal.rules]
        raise


async def _run_command(context: Context, command: Command, given: Mapping[str, Any]) -> CommandResult:
    viewer = context.viewer
    if viewer.account is None or not viewer.can_write:
        raise ForbiddenError(READ_ONLY)
    values = check(command.checker, given)
    key, reason = values.pop("idempotency_key", None), values.get("reason")
    claim = IdempotencyClaim(viewer.account, key, command.name, _without_key(given)) if key else None
    origin = context.actor(reason)
    context.progress.in_progress = True
    try:
        done = await _run_with_retries(context, command, values, claim, origin)
    except DatabaseUnavailableError as error:
        if type(error) is not DatabaseUnavailableError:
            raise
        # The connection was possibly lost between the commit and its confirmation.
        raise DatabaseUnavailableError(AWAY) from error
    except CommandError as refusal:
        context.progress.in_progress = False
        await record_refusal(context, command, values, origin, refusal)
        raise
    context.progress.in_progress = False
    context.progress.made += 1
    return done


async def _run_with_retries(
    context: Context, command: Command, values: Mapping[str, Any], claim: IdempotencyClaim | None, origin: Actor
) -> CommandResult:
    """Execute the command in a transaction, and retry it after a conflict."""

    def work(session: Session) -> CommandResult:
        unit = UnitOfWork(session, context.viewer, origin.reason, values, max_file_bytes=context.max_file_bytes)
        expected = CommandResult(command.model.__name__, values.get("id") or unit.new_key)
        before = claim.take(session.connection(), (expected.type_name, expected.key)) if claim else None
        if before:
            # If the viewer no longer sees the object, this raises the same error as for any hidden object.
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
            if breaks_a_rule(error):
                await _judge(context, command, values, origin)
            raise ValidationError([violation_of(error, command.model, command.fields, values)]) from error
        except CircularDependencyError as error:
            raise ValidationError([CIRCLE]) from error
        except ClassifiedError as error:
            code = "classified"
            raise ValidationError.at(code, str(error)) from error
        except (DatabaseBusyError, StaleDataError):
            # Pauses are random, so that the conflicting changes do not conflict again.
            await asyncio.sleep(PAUSE_SECONDS * 2**tries * random.random())  # noqa: S311 - no secret
    message = "Another change of the same data is in progress. Nothing was changed; try again."
    raise ConflictError(message)


class _JudgedError(Exception):
    """The rules of a command do not refuse a change that is only judged."""


async def _judge(context: Context, command: Command, values: Mapping[str, Any], origin: Actor) -> None:
    """Judge a change that a trigger refused by the rules of its command, which know figures and the visible rows.

    A trigger can be first, because parts of an object are written before its rules judge it. Nothing is written.

    Raises:
        CommandError: a rule of the command refuses the change.
    """

    def work(session: Session) -> None:
        unit = UnitOfWork(session, context.viewer, origin.reason, values, max_file_bytes=context.max_file_bytes)
        unit.is_judged = True
        event.listen(session, "before_flush", _stop)
        with session.no_autoflush:
            command.execute(unit, values)
        raise _JudgedError

    with suppress(_JudgedError):
        await audited_write(context.database, REASON, origin, work)


def _stop(*_: object) -> None:
    raise _JudgedError


def _without_key(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "idempotency_key"}
