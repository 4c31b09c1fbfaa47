"""Codes of the Common Procurement Vocabulary (CPV 2008), and their check digit.

A code has eight digits, and a ninth that checks them (Regulation (EC) No 213/2008, annex I). The regulation states no
rule for the ninth digit. It is the weighted sum of the others, modulo 10, in all of the list but 532 codes:
`SHIFTS` has whole branches of the list with another sum, `EXCEPTIONS` has single codes with another digit.
"""

from __future__ import annotations

import re

FORM = re.compile(r"([0-9]{8})(?:-([0-9]))?", re.ASCII)
WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)
#: What is added to the sum of the codes that start with these digits.
SHIFTS = {
    3: ("421",),
    5: (
        *("722121", "722122", "722123", "722124", "722125", "722126", "722127", "722129", "722671", "722672"),
        *("7233", "724", "726", "727", "728", "729"),
    ),
    6: ("091", "092", "093"),
    8: ("0330", "0331", "0332"),
    9: ("034",),
}
#: Single codes with a digit that follows no rule.
SINGLE = """
    31711154-0 31711155-7 33141113-4 34211100-9 34211200-9 34211300-9 34421000-7 34422000-7 35113110-0 35125300-2
    35331300-3 35642000-7 37442100-8 37442200-8 37442300-8 37442400-8 37442500-8 37442600-8 37442700-8 37442800-8
    37442900-8 38941000-7 38942000-7 38944000-7 38945000-7 38946000-7 38947000-7 45233139-3 48628000-9 51000000-9
    65122000-0 65123000-3 71351920-2 71351921-2 71351923-2 71351924-2 79342410-4 85210000-3 92225100-7
"""
EXCEPTIONS = {code[:8]: code[9] for code in SINGLE.split()}


def cpv_code(text: str) -> str:
    """Return a code as it is stored: with its check digit, such as `32420000-3`.

    Args:
        text: The code with its check digit or without it.

    Raises:
        ValueError: It is not a code, or its check digit is wrong; then the message contains the right code.
    """
    found = FORM.fullmatch(text)
    if not found:
        message = f"{text} is not a CPV code: write eight digits, with or without the check digit, such as 32420000-3"
        raise ValueError(message)
    code = f"{found[1]}-{_check_digit(found[1])}"
    if found[2] and text != code:
        message = f"{text} has a wrong check digit; the code is {code}"
        raise ValueError(message)
    return code


def cpv_fault(text: str) -> str | None:
    """Return why a text is not a CPV code; None if it is one."""
    try:
        cpv_code(text)
    except ValueError as error:
        return str(error)
    return None


def spellings(text: str) -> list[str]:
    """Return the text as it is, and if it has eight digits also the CPV code that it can mean."""
    found = FORM.fullmatch(text)
    return [text] if not found or found[2] else [text, cpv_code(text)]


def _check_digit(digits: str) -> str:
    if digits in EXCEPTIONS:
        return EXCEPTIONS[digits]
    shift = next((shift for shift, branches in SHIFTS.items() if digits.startswith(branches)), 0)
    return str((shift + sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))) % 10)
