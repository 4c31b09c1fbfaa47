"""Whether this process is about to end, so that no new client should be sent to it."""

from __future__ import annotations


class Drain:
    """The drain of this process; it begins once and never ends."""

    has_begun = False


#: There is one server in a process, and uvicorn passes nothing from it to the application.
DRAIN = Drain()
