"""The advice in the messages for invalid requests: what a signed-in caller should write instead.

The rules that use it are in `schema/execution/teaching_rules.py`. Each module writes one kind of advice: one or two
sentences, or an empty text. The public gets none, because advice reveals names of the contract to a client that
guesses. `list_sizes` names only what the client wrote, so every caller gets it.
"""

from resolvers.core.limits import MAX_MESSAGE

#: How a sentence can end.
ENDS = (".", "?", "!", "…")


def advised(message: str, advice: str) -> str:
    """Return a message that ends with the advice, if there is any.

    A message that quotes a long value is shortened. Advice replaces GraphQL's own suggestion.
    """
    shown = message.partition(" Did you mean")[0] if advice else message
    if len(shown) > MAX_MESSAGE:
        shown = shown[: MAX_MESSAGE - 1] + "…"
    return f"{shown}{'' if shown.endswith(ENDS) else '.'} {advice}" if advice else shown
