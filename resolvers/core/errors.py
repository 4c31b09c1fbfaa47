"""The errors of a request, each with one of Apollo's codes in `extensions.code`.

A message names the wrong argument and says what to do. The transport masks every other error as an internal error of
the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import Node


class RequestError(GraphQLError):
    """An error that the client can correct; its message is sent unchanged."""

    code = "BAD_REQUEST"

    def __init__(
        self,
        message: str,
        *,
        nodes: Sequence[Node] | None = None,
        path: Sequence[str | int] | None = None,
        **extensions: object,
    ) -> None:
        # A message can quote half of a surrogate pair from the request, which UTF-8 cannot encode in the response.
        text = message.encode(errors="backslashreplace").decode()
        super().__init__(text, nodes, path=path, extensions={"code": self.code, **extensions})


class BadUserInputError(RequestError):
    """An argument or variable whose value is not allowed."""

    code = "BAD_USER_INPUT"


class UnreadChangeError(Exception):
    """A fault of the server while it reads the result of a change that was made.

    Its message says that the change was made. The transport masks the cause, and sends this message.
    """
