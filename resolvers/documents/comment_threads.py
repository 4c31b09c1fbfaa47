"""Declares the queries and commands of comment threads and their comments."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models import Comment, CommentThread
from models.base import new_key, now
from models.documents.comment_threads import COMMENTED
from resolvers.access.permissions import Action
from resolvers.audit.recorder import changed_rows
from resolvers.commands.assignment import assign_input
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField, fields_to_create
from resolvers.commands.marking_changes import require_reason
from resolvers.commands.spec import MutationSpec, OneOf
from resolvers.commands.standard_changes import check_version, create, validate_and_flush
from resolvers.core.attributes import Kind
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models import Entity
    from resolvers.commands.unit_of_work import UnitOfWork

#: How long an author can edit a comment.
EDITABLE_FOR = dt.timedelta(minutes=15)

register_query_spec(
    QuerySpec(
        CommentThread,
        filterable=(
            "id",
            "reference",
            "is_resolved",
            "resolved_at",
            *COMMENTED,
            "opened_by",
            "resolved_by",
            "comments",
            "created_at",
            "updated_at",
        ),
        sortable=("created_at", "reference", "resolved_at", "updated_at"),
        groupable=("is_resolved", *COMMENTED),
    )
)

register_query_spec(
    QuerySpec(
        Comment,
        filterable=(
            "id",
            "ordinal",
            "thread",
            "author",
            "mentions",
            "edited_at",
            "withdrawn_at",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "created_at", "updated_at"),
    )
)


def _target_of(thread: CommentThread) -> Entity:
    found: Entity = next(each for name in COMMENTED if (each := getattr(thread, name)))
    return found


def _mentioned_see_the_target(unit: UnitOfWork, row: Comment) -> Iterator[Violation]:
    """Check that each mentioned account sees the object of the thread; the message does not say why it does not."""
    if "mention_ids" not in unit.input:
        return
    target = _target_of(row.thread)
    for place, account in enumerate(row.mentions):
        if not unit.is_seen_by(account.id, target):
            message = "This person cannot be mentioned here. Leave the id out."
            yield Violation((*INPUT, "mentionIds", str(place)), "mention", message)


THREAD = MutationSpec(
    CommentThread,
    fields=("reference",),
    one_of={"target": OneOf("The object to comment on.", COMMENTED)},
    auto_named=("reference",),
    name_prefix="THR",
)
COMMENT = MutationSpec(
    Comment,
    fields=("content",),
    many_to_many={"mentions": "mention_ids"},
    validators=(_mentioned_see_the_target,),
)


def _open(unit: UnitOfWork, values: Mapping[str, Any]) -> CommentThread:
    """Open a thread with its first comment. Raises CommandError."""
    thread: Any = create(unit, THREAD, values)
    thread.opened_by_id = unit.viewer.account
    _write(unit, thread, new_key(), values)
    found: CommentThread = thread
    return found


def _reply(unit: UnitOfWork, values: Mapping[str, Any]) -> Comment:
    """Add a comment to an open thread. Raises CommandError."""
    thread = unit.find(CommentThread, values["thread_id"], (*INPUT, "threadId"))
    unit.lock(thread)
    return _write(unit, thread, unit.new_key, values)


def _write(unit: UnitOfWork, thread: CommentThread, key: str, values: Mapping[str, Any]) -> Comment:
    ordinal = 1 + max((each.ordinal for each in thread.comments), default=0)
    row = Comment(id=key, thread=thread, ordinal=ordinal, author_id=unit.viewer.account)
    assign_input(unit, COMMENT, row, values)
    unit.require(Action.CREATE, row)
    if thread.is_resolved:
        code, message = "resolved", "The thread is resolved. Reopen it with reopenCommentThread, or open another one."
        raise ValidationError.at(code, message, "threadId")
    unit.session.add(row)
    validate_and_flush(unit, COMMENT, row)
    return row


def _found(unit: UnitOfWork, values: Mapping[str, Any], action: Action) -> Comment:
    """Return the comment of an input, locked; it must not be withdrawn. Raises CommandError."""
    row = unit.find(Comment, values["id"])
    unit.lock(row.thread, row)
    unit.require(action, row)
    check_version(row, values["expected_version"])
    if row.withdrawn_at:
        code, message = "withdrawn", "The comment is withdrawn and can no longer change. Write another comment."
        raise ValidationError.at(code, message, "id")
    return row


def _edit(unit: UnitOfWork, values: Mapping[str, Any]) -> Comment:
    """Edit a comment shortly after it was written. Raises CommandError."""
    row = _found(unit, values, Action.UPDATE)
    if now() - row.created_at > EDITABLE_FOR:
        minutes = EDITABLE_FOR.seconds // 60
        code, message = "edited_late", f"The comment is older than {minutes} minutes. Write another comment."
        raise ValidationError.at(code, message, "id")
    assign_input(unit, COMMENT, row, values)
    if changed_rows(unit.session):
        row.edited_at = now()
    validate_and_flush(unit, COMMENT, row)
    return row


def _withdraw(unit: UnitOfWork, values: Mapping[str, Any]) -> Comment:
    """Withdraw a comment: its text is deleted, and the reason stays in its place. Raises CommandError."""
    row = _found(unit, values, Action.DECIDE)
    require_reason(unit, "the comment is withdrawn")
    row.content, row.mentions, row.withdrawal_reason = None, [], unit.reason
    row.withdrawn_at, row.withdrawn_by_id = now(), unit.viewer.account
    unit.session.flush()
    return row


def _resolve(unit: UnitOfWork, values: Mapping[str, Any]) -> CommentThread:
    """Resolve an open thread. Raises CommandError."""
    return _set_resolved(unit, values, resolved=True)


def _reopen(unit: UnitOfWork, values: Mapping[str, Any]) -> CommentThread:
    """Reopen a resolved thread. Raises CommandError."""
    return _set_resolved(unit, values, resolved=False)


def _set_resolved(unit: UnitOfWork, values: Mapping[str, Any], *, resolved: bool) -> CommentThread:
    row = unit.find(CommentThread, values["id"])
    unit.lock(row)
    unit.require(Action.TRANSITION, row)
    check_version(row, values["expected_version"])
    if row.is_resolved is resolved:
        code, message = "resolved", f"The thread is {'resolved' if resolved else 'open'} already. Read it again."
        raise ValidationError.at(code, message, "id")
    row.resolved_at, row.resolved_by_id = (now(), unit.viewer.account) if resolved else (None, None)
    unit.session.flush()
    return row


_REQUIRED = InputField("content", Kind.TEXT, "The text.", required=True, nullable=False, maximum=4000)
_MENTIONS = next(field for field in fields_to_create(COMMENT) if field.name == "mention_ids")
_THREAD_ID = InputField("thread_id", Kind.REFERENCE, "The id of the thread.", required=True, target=CommentThread)

for _own in (
    Command(
        "create_comment_thread",
        CommentThread,
        "Open a thread on a document, a capability need or a procurement, with its first comment.",
        (*fields_to_create(THREAD), _REQUIRED, _MENTIONS),
        _open,
    ),
    Command(
        "resolve_comment_thread",
        CommentThread,
        "Resolve a thread; it accepts no more comments.",
        (id_of(CommentThread), EXPECTED_VERSION),
        _resolve,
    ),
    Command(
        "reopen_comment_thread",
        CommentThread,
        "Reopen a resolved thread.",
        (id_of(CommentThread), EXPECTED_VERSION),
        _reopen,
    ),
    Command("create_comment", Comment, "Write a comment in a thread.", (_THREAD_ID, _REQUIRED, _MENTIONS), _reply),
    Command(
        "update_comment",
        Comment,
        "Edit a comment of your own, within 15 minutes. An omitted field keeps its value.",
        (id_of(Comment), EXPECTED_VERSION, replace(_REQUIRED, required=False), _MENTIONS),
        _edit,
    ),
    Command(
        "withdraw_comment",
        Comment,
        "Withdraw a comment, with a reason: its text and mentions are deleted, and the comment stays as withdrawn.",
        (id_of(Comment), EXPECTED_VERSION),
        _withdraw,
    ),
):
    command(_own)
