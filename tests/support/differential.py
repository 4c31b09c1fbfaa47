"""Sends the same queries to the plan and to the reference, and compares their answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import HasStatus
from resolvers.commands.judge_transitions import judged
from resolvers.commands.spec import mutation_specs
from resolvers.core.naming import api_name
from resolvers.query.fields.judged_fields import ObjectKey
from schema import schema
from tests.generators.rows import fill
from tests.reference.executor import FieldErrors, Reference, RefusedError
from tests.support.execute import BAD_USER_INPUT, ask, insider

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from tests.generators.queries import Question
    from tests.support.execute import Answer

CURSOR = re.compile("5b22(?:[0-9a-f]{2})+5d")


@dataclass
class Proof:
    """A database with random data, the reference over the rows that one viewer sees, and counts of the results."""

    database: Database
    reference: Reference
    viewer: Viewer | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    async def begin(cls, database: Database) -> Proof:
        """Fill an empty database and load the reference from it."""
        await fill(database)
        return await cls.before(database, None, None)

    @classmethod
    async def before(cls, database: Database, viewer: Viewer | None, key: str | None) -> Proof:
        """Load the reference from a filled database as `viewer` sees it; `key` is the key of the viewer's account.

        Without a key the reference has everything; the public's key is empty.
        """
        judging = viewer or await insider(database)

        def load(session: Session) -> Reference:
            return Reference(session, schema, key, transitions_of_all(session, judging))

        async with AsyncSession(database.bypass_policies("a test looks behind the policies")) as session:
            reference = await session.run_sync(load)
        return cls(database, reference, viewer)

    async def ask(self, question: Question) -> list[Answer]:
        """Send a query with each of its sets of variables; any difference is an error that shows the query."""
        return [await self._ask(question.query, variables) for variables in question.variables]

    async def _ask(self, query: str, variables: dict[str, Any]) -> Answer:
        shown = f"\n{query}\n{json.dumps(variables, ensure_ascii=False)}"
        expected, errors, faults = None, list[FieldErrors](), list[str]()
        try:
            expected, errors = self.reference.answer(query, variables)
        except RefusedError as refused:
            faults = list(refused.messages)
        try:
            answer = await ask(self.database, query, viewer=self.viewer, **variables)
        except Exception as error:
            error.add_note(shown)
            raise
        if faults:
            assert any(is_refused(answer, fault) for fault in faults), f"{answer} is not {faults}{shown}"
            self.counts["refused"] += 1
        else:
            difference = first_difference(answer.data, expected)
            assert difference is None, f"{difference}{shown}"
            assert have_errors(answer, errors), f"{answer.errors} are not {errors}{shown}"
            kind = "refused" if errors else "found something" if has_data(answer.data) else "found nothing"
            self.counts[kind] += 1
        return answer


def transitions_of_all(session: Session, viewer: Viewer) -> dict[str, list[dict[str, Any]]]:
    """Return the transitions of every object with a status, by its key, as one long page: the commands judge them."""
    models = [spec.model for spec in mutation_specs() if issubclass(spec.model, HasStatus)]
    objects = [ObjectKey(model, key) for model in models for key in session.scalars(select(model.id))]
    # A session of its own, which nothing flushes: the judges give objects statuses that they never had.
    with Session(session.connection(), autoflush=False) as unflushed:
        judgements = judged(unflushed, viewer, objects)
    return {
        place.key: [{api_name(name): value for name, value in each._asdict().items()} for each in found]
        for place, found in judgements.items()
    }


def is_refused(answer: Answer, fault: str) -> bool:
    """Return whether a request was refused for a fault; a fault in a literal has its argument's name before it."""
    return answer.data is None and any(
        error.code == BAD_USER_INPUT and (error.message == fault or error.message.endswith(f": {fault}"))
        for error in answer.errors
    )


def have_errors(answer: Answer, errors: list[FieldErrors]) -> bool:
    """Return whether an answer has exactly these errors, in this order, each with one of its messages."""
    return len(answer.errors) == len(errors) and all(
        found.path == error.path and found.code == BAD_USER_INPUT and found.message in error.messages
        for found, error in zip(answer.errors, errors, strict=True)
    )


def first_difference(found: Any, expected: Any, place: str = "data") -> str | None:
    """Return where two answers first differ: in a value, a key or the order of keys; cursors are decoded first."""
    found, expected = opened(found), opened(expected)
    if isinstance(found, dict) and isinstance(expected, dict):
        if list(found) != list(expected):
            return f"{place} has {list(found)}, the reference {list(expected)}"
        parts = [(found[key], expected[key], f"{place}.{key}") for key in found]
    elif isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            return f"{place} has {len(found)} items, the reference {len(expected)}: {found} and {expected}"
        parts = [(one, other, f"{place}[{at}]") for at, (one, other) in enumerate(zip(found, expected, strict=True))]
    else:
        same = type(found) is type(expected) and found == expected
        return None if same else f"{place} is {found!r}, the reference's {expected!r}"
    return next((said for part in parts if (said := first_difference(*part)) is not None), None)


def opened(value: Any) -> Any:
    """Return the content of a cursor, and any other value unchanged: the engines put different blanks into JSON."""
    return json.loads(bytes.fromhex(value)) if isinstance(value, str) and CURSOR.fullmatch(value) else value


def has_data(value: Any) -> bool:
    """Return whether an answer has data of the database: more than empty lists, nulls and zeros."""
    if isinstance(value, dict):
        return any(has_data(part) for key, part in value.items() if key != "__typename")
    if isinstance(value, list):
        return any(has_data(part) for part in value)
    return bool(value)
