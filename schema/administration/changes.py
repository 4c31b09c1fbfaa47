"""The feed of changes in the contract."""

from __future__ import annotations

import datetime as dt

import models
from models import ChangeKind
from schema.builder.entity_types import Node, entity_type


@entity_type(
    models.Change,
    root="changes",
    description="""The changes of the objects that the viewer sees now, in the order of commits, the oldest first. To
    continue later, send the last `endCursor` as `after`: no change is lost or repeated. Changes are stored for 400
    days; an older cursor is refused.""",
)
class Change(Node):
    """A change of an object."""

    at: dt.datetime
    kind: ChangeKind
    node: Node
    title: str | None
    changed_fields: list[str]
