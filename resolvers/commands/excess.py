"""Says by how much a sum exceeds its limit, from the rows that the viewer sees."""

from __future__ import annotations

from models.money import Money


def excess(total: int, limit: int, currency: str) -> str | None:
    """Return by how much a total exceeds its limit, as the middle of a sentence.

    Args:
        total: The total of the rows that the viewer sees, in minor units.
        limit: Their limit, in minor units.
        currency: The currency of both.

    Returns:
        The total, the difference and the limit, such as `120.00 EUR, 20.00 EUR more than 100.00 EUR`; None if the
        total does not exceed the limit, because rows that the viewer may not see are in the sum as well.
    """
    if total <= limit:
        return None
    whole, more, most = (Money(minor, currency) for minor in (total, total - limit, limit))
    return f"{whole}, {more} more than {most}"
