"""Characters that a database cannot store, and characters that are invisible."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from resolvers.core.text import HALF_PAIR, UNSTORABLE, is_control, is_invisible

SEEN = "aZ0 Õß«Київ»…-_.,日本語🙂"
CONTROLS = "\0\n\t\x7f\x85\ud800\udfff\ue000\U0010ffff"
FORMATS = "\u00ad\u200b\u200d\u202e\u2066\ufeff"
IGNORABLES = "\u034f\u115f\u17b4\u180b\u3164\ufe0f\uffa0\U000e0100"


def test_what_is_seen_is_neither_a_control_character_nor_invisible() -> None:
    assert [each for each in SEEN if is_control(each) or is_invisible(each)] == []


@pytest.mark.parametrize("character", CONTROLS)
def test_a_control_character_is_invisible_too(character: str) -> None:
    assert is_control(character)
    assert is_invisible(character)


@pytest.mark.parametrize("character", FORMATS + IGNORABLES)
def test_what_shows_nothing_is_invisible_though_no_control_character(character: str) -> None:
    assert not is_control(character)
    assert is_invisible(character)


def test_all_that_unicode_calls_a_control_a_format_or_unassigned_is_invisible() -> None:
    hidden = {"Cc", "Cf", "Cn", "Co", "Cs"}
    every = map(chr, range(sys.maxunicode + 1))
    assert all(is_invisible(each) for each in every if unicodedata.category(each) in hidden)


def test_only_nul_and_half_pairs_cannot_be_stored() -> None:
    refused = [each for each in map(chr, range(sys.maxunicode + 1)) if UNSTORABLE.search(each)]
    assert refused == ["\0", *map(chr, range(0xD800, 0xE000))]
    assert [each for each in refused if not HALF_PAIR.search(each)] == ["\0"]
