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
        ("", "more than dots and spaces"),
        (".", "more than dots and spaces"),
        ("..", "more than dots and spaces"),
        (". .", "more than dots and spaces"),
        ("../needs.pdf", "is no path"),
        ("/etc/passwd", "is no path"),
        ("..\\needs.pdf", "is no path"),
        ("C:needs.pdf", "is no path"),
        ("needs?.pdf", "is no path"),
        ("needs\0.pdf", "U\\+0000 is not"),
        ("needs\r\nX: y.pdf", "U\\+000D is not"),
        ("needs\x7f.pdf", "U\\+007F is not"),
        ("needs\x85.pdf", "U\\+0085 is not"),
        ("needs\u200b.pdf", "U\\+200B is not"),
        ("needs\u200d.pdf", "U\\+200D is not"),
        ("needs\ufeff.pdf", "U\\+FEFF is not"),
        ("needs\ufe0f.pdf", "U\\+FE0F is not"),
        ("needs\u3164.pdf", "U\\+3164 is not"),
        ("needs\u034f.pdf", "U\\+034F is not"),
        ("needs\U000e0101.pdf", "U\\+E0101 is not"),
        ("fdp.\u202eexe", "U\\+202E is not"),
        ("needs\u2028.pdf", "U\\+2028 is not"),
        ("needs\ud800.pdf", "U\\+D800 is not"),
        ("needs\ue000.pdf", "U\\+E000 is not"),
        ("needs\uffff.pdf", "U\\+FFFF is not"),
        (" needs.pdf", "neither begins with a space"),
        ("needs.pdf ", "neither begins with a space"),
        ("needs.pdf\u00a0", "neither begins with a space"),
        ("needs.", "neither begins with a space"),
        ("NUL", "name of a device"),
        ("con.txt", "name of a device"),
        ("Com1.tar.gz", "name of a device"),
        ("lpt¹", "name of a device"),
        ("aux .txt", "name of a device"),
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
    with pytest.raises(ValueError, match="is written like application/pdf"):
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
