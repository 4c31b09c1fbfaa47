"""A database that does not answer, told from one that answers with an error."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from resolvers.core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)


class UnreachableError(RequestError):
    """The database does not answer: no fault of the request, which may be sent again as it is."""

    code = "SERVICE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The database cannot be reached: ask again in a moment.")


def unreachable(error: Exception) -> UnreachableError:
    """Log that the database is away, as an error of the driver's tells; give the error to raise."""
    # Only its kind: the message may hold the address and the user.
    logger.warning("the database cannot be reached: %s", type(error).__name__)
    return UnreachableError()


@contextmanager
def reaching() -> Iterator[None]:
    """Run what uses SQLAlchemy's engines. Raises UnreachableError where the database is away."""
    try:
        yield
    except OSError as error:
        raise unreachable(error) from error
    except DBAPIError as error:
        # Without a statement it was about to connect.
        if error.connection_invalidated or error.statement is None:
            raise unreachable(error) from error
        raise
