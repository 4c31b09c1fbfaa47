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


class DatabaseUnavailableError(RequestError):
    """The database does not answer: no fault of the request, which may be sent again as it is."""

    code = "SERVICE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The database cannot be reached: ask again in a moment.")


def database_unavailable(error: Exception) -> DatabaseUnavailableError:
    """Log that the database is away, as an error of the driver's tells; give the error to raise."""
    # Only its kind: the message may hold the address and the user.
    logger.warning("the database cannot be reached: %s", type(error).__name__)
    return DatabaseUnavailableError()


@contextmanager
def translate_connection_errors() -> Iterator[None]:
    """Run what uses SQLAlchemy's engines. Raises UnreachableError where the database is away."""
    try:
        yield
    except OSError as error:
        raise database_unavailable(error) from error
    except DBAPIError as error:
        # Without a statement it was about to connect.
        if error.connection_invalidated or error.statement is None:
            raise database_unavailable(error) from error
        raise
