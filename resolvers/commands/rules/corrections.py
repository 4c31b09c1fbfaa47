"""The rule of corrections: numbered entries never change, and a later entry corrects an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def corrections_fit(
    row: Any, entries: Sequence[Any], amount: str, noun: str, show: Callable[[Any], str]
) -> Iterator[Violation]:
    """Yield the violations of a correction: its entry must exist, be no correction, and never be corrected beyond 0.

    Args:
        row: The new entry.
        entries: The other entries of the same owner.
        amount: The attribute with the amount of an entry.
        noun: What an entry is, in the message.
        show: Returns an amount as text.
    """
    if row.corrects is None:
        return
    at = (*INPUT, "corrects")
    entry = next((each for each in entries if each.number == row.corrects), None)
    if entry is None:
        yield Violation(at, "corrects", f"There is no {noun} with this number. Choose an earlier one.")
    elif entry.corrects is not None:
        message = f"Entry {entry.number} corrects entry {entry.corrects}. Correct entry {entry.corrects} instead."
        yield Violation(at, "corrects", message)
    else:
        whole = getattr(entry, amount)
        left = whole + sum(getattr(each, amount) for each in entries if each.corrects == entry.number)
        if (left + getattr(row, amount)) * whole < 0:
            message = (
                f"Entry {entry.number} is {show(whole)}, of which {show(left)} are not corrected. Correct no more than "
                "that."
            )
            yield Violation((*INPUT, amount.removesuffix("_minor")), "corrections_sum", message)
