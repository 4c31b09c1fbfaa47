"""A SHA-256 has one form in this program."""

from __future__ import annotations

import pytest

from resolvers.core.hashing import is_sha256, sha256_of

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_sha256_of_nothing_is_that_of_the_standard() -> None:
    assert sha256_of(b"") == EMPTY
    assert is_sha256(EMPTY)


@pytest.mark.parametrize("text", ["", EMPTY[1:], EMPTY + "0", EMPTY.upper(), "g" * 64, f"{EMPTY}\n", f"sha256:{EMPTY}"])
def test_any_other_form_is_none(text: str) -> None:
    assert not is_sha256(text)
