"""The faults of a request, each with a code of Apollo's vocabulary in `extensions.code`.

A message names the argument at fault and says what to do instead; anything that
is not one of these is a fault of the server and is masked by the transport.
"""

from graphql import GraphQLError


class RequestError(GraphQLError):
    """A fault the person asking can mend; shown as it is."""

    code = "BAD_REQUEST"

    def __init__(self, message: str, **extensions: object) -> None:
        # A message quotes what was sent, which may hold half of a surrogate pair; no answer can carry one.
        told = message.encode(errors="backslashreplace").decode()
        super().__init__(told, extensions={"code": self.code, **extensions})


class BadUserInputError(RequestError):
    """An argument or variable whose value is not allowed."""

    code = "BAD_USER_INPUT"
