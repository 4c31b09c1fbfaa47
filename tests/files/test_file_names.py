"""Which names a file may have, and what else may be declared of one."""

from __future__ import annotations

import pytest

from resolvers.files.declaration import check_byte_size, check_media_type, check_sha256
from resolvers.files.file_names import MAX_BYTES, check_file_name


@pytest.mark.parametrize(
    "name",
    [
        "needs.pdf",
        "Vajaduste loend (v2), lõplik.docx",
        "Потреби на 2027 рік.pdf",
        "必要.xlsx",
        "no extension",
        ".profile",
        "a..b",
        "console.txt",
        "x" * MAX_BYTES,
    ],
)
def test_a_name_that_shows_itself_whole_is_kept(name: str) -> None:
    assert check_file_name(name) == name


def test_a_name_is_kept_in_its_composed_form() -> None:
    assert check_file_name("lo\u0303plik.pdf") == "lõplik.pdf"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("", "only of dots and spaces"),
        (".", "only of dots and spaces"),
        ("..", "only of dots and spaces"),
        (". .", "only of dots and spaces"),
        ("../needs.pdf", "must not contain any of"),
        ("/etc/passwd", "must not contain any of"),
        ("..\\needs.pdf", "must not contain any of"),
        ("C:needs.pdf", "must not contain any of"),
        ("needs?.pdf", "must not contain any of"),
        ("needs\0.pdf", "U\\+0000: remove it"),
        ("needs\r\nX: y.pdf", "U\\+000D: remove it"),
        ("needs\x7f.pdf", "U\\+007F: remove it"),
        ("needs\x85.pdf", "U\\+0085: remove it"),
        ("needs\u200b.pdf", "U\\+200B: remove it"),
        ("needs\u200d.pdf", "U\\+200D: remove it"),
        ("needs\ufeff.pdf", "U\\+FEFF: remove it"),
        ("needs\ufe0f.pdf", "U\\+FE0F: remove it"),
        ("needs\u3164.pdf", "U\\+3164: remove it"),
        ("needs\u034f.pdf", "U\\+034F: remove it"),
        ("needs\U000e0101.pdf", "U\\+E0101: remove it"),
        ("fdp.\u202eexe", "U\\+202E: remove it"),
        ("needs\u2028.pdf", "U\\+2028: remove it"),
        ("needs\ud800.pdf", "U\\+D800: remove it"),
        ("needs\ue000.pdf", "U\\+E000: remove it"),
        ("needs\uffff.pdf", "U\\+FFFF: remove it"),
        (" needs.pdf", "must not begin with a space"),
        ("needs.pdf ", "must not begin with a space"),
        ("needs.pdf\u00a0", "must not begin with a space"),
        ("needs.", "must not begin with a space"),
        ("NUL", "is reserved for a device"),
        ("con.txt", "is reserved for a device"),
        ("Com1.tar.gz", "is reserved for a device"),
        ("lpt¹", "is reserved for a device"),
        ("aux .txt", "is reserved for a device"),
        ("x" * (MAX_BYTES + 1), "at most 255 bytes"),
        ("ї" * 128, "at most 255 bytes"),
    ],
)
def test_a_name_is_refused_with_the_rule_that_it_breaks(name: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        check_file_name(name)


@pytest.mark.parametrize(
    "media_type", ["application/pdf", "text/csv", "image/svg+xml", "application/vnd.oasis.opendocument.text"]
)
def test_a_media_type_is_kept_in_small_letters(media_type: str) -> None:
    assert check_media_type(media_type.upper()) == media_type


@pytest.mark.parametrize(
    "media_type",
    ["", "pdf", "application/", "*/*", "text/html; charset=utf-8", "multipart/form-data", "a/b", "text/x\r\nX: y"],
)
def test_what_is_no_media_type_of_a_file_is_refused(media_type: str) -> None:
    with pytest.raises(ValueError, match="such as application/pdf"):
        check_media_type(media_type)


def test_a_digest_is_kept_in_small_letters() -> None:
    assert check_sha256("AB" * 32) == "ab" * 32


@pytest.mark.parametrize("digest", ["", "ab" * 31, "ab" * 33, "zz" * 32, "ab" * 31 + "a\n"])
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        check_sha256(digest)


def test_a_file_is_as_long_as_it_may_be_and_no_longer() -> None:
    assert [check_byte_size(size, 1000) for size in (0, 1000)] == [0, 1000]
    for size in (-1, 1001):
        with pytest.raises(ValueError, match="from 0 to 1,000 bytes"):
            check_byte_size(size, 1000)
