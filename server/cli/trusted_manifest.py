"""Manifests of trusted documents, as the builds of client programs write them: read, checked, or refused as a whole.

Two forms are taken: Apollo's persisted-query manifest, and the plain object `{hash: text}` that Relay's
compiler and GraphQL Code Generator write. The hash must be the SHA-256 of the text in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.core.json_file import read_json, show
from resolvers.query.trusted_documents import digest_in, digest_of
from schema import schema
from schema.execution.trusted_documents import FaultyDocumentError, examine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from resolvers.core.limits import Limits
    from resolvers.query.trusted_documents import Trusted

APOLLO = "apollo-persisted-query-manifest"
MAX_BYTES = 32 * 1024 * 1024
MAX_DOCUMENTS = 10_000
MAX_SHOWN = 50
#: What generators write when nobody tells them otherwise, by the number of hexadecimal digits.
OTHER_HASHES = {32: "an MD5", 40: "a SHA-1"}


class ManifestError(ValueError):
    """A manifest that is not loaded; the message has one line, and one more for each document at fault."""


class Entry(NamedTuple):
    """One document as a manifest gives it: where it stands there, under which hash, and its text."""

    place: str
    hash: object
    text: object


def read_manifest(path: Path, limits: Limits) -> Sequence[Trusted]:
    """Give the documents of the manifest at `path`, each once.

    Raises ManifestError, which tells every fault, where one of them must not be trusted.
    """
    _check_size(path)
    entries = list(_entries(path, read_json(path, ManifestError)))
    if len(entries) > MAX_DOCUMENTS:
        message = f"{path}: holds {len(entries):,} documents; at most {MAX_DOCUMENTS:,} are loaded at once."
        raise ManifestError(message)
    found: dict[str, Trusted] = {}
    faults: list[str] = []
    for entry in entries:
        try:
            trusted = _examined(entry, limits)
        except FaultyDocumentError as error:
            faults += (f"{entry.place}: {fault}" for fault in error.faults)
        else:
            found[trusted.text] = trusted
    if faults:
        raise ManifestError(_shortened(path, faults))
    return list(found.values())


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise ManifestError(message) from None
    if size > MAX_BYTES:
        message = f"{path}: has {size:,} bytes; a manifest has at most {MAX_BYTES:,}. Load it in parts."
        raise ManifestError(message)


def _entries(path: Path, value: object) -> Iterator[Entry]:
    if not isinstance(value, dict):
        message = f"{path}: a manifest is a JSON object, not {show(value)}: {{hash: text}}, or Apollo's."
        raise ManifestError(message)
    if "format" not in value:
        yield from (Entry(name if digest_in(name) else show(name), name, text) for name, text in value.items())
        return
    if value["format"] != APOLLO or value.get("version") != 1 or not isinstance(value.get("operations"), list):
        message = f'{path}: a manifest with a format has "format": "{APOLLO}", "version": 1 and a list "operations".'
        raise ManifestError(message)
    for place, operation in enumerate(value["operations"]):
        given: dict[str, Any] = operation if isinstance(operation, dict) else {}
        yield Entry(f"operations[{place}] {show(given.get('name'))}", given.get("id"), given.get("body"))


def _examined(entry: Entry, limits: Limits) -> Trusted:
    if not isinstance(entry.text, str):
        raise FaultyDocumentError(["its text is missing, or no text"])
    try:
        actual = digest_of(entry.text)
    except UnicodeEncodeError:
        raise FaultyDocumentError(["it holds half of a surrogate pair, which is no text"]) from None
    wrong = _wrong_hash(entry.hash, actual)
    try:
        trusted = examine(schema, entry.text, limits)
    except FaultyDocumentError as error:
        raise FaultyDocumentError([*wrong, *error.faults]) from None
    if wrong:
        raise FaultyDocumentError(wrong)
    return trusted


def _wrong_hash(given: object, actual: str) -> list[str]:
    """Give what is wrong with the hash of a text whose digest is `actual`, if anything."""
    if not isinstance(given, str):
        return ["its id is missing, or no text"]
    digest = digest_in(given)
    if digest is None:
        other = OTHER_HASHES.get(len(given))
        hint = f", but as long as {other}: have the generator write SHA-256" if other else ""
        return [f"its hash is not 64 hexadecimal digits in lower case{hint}"]
    return [] if digest == actual else [f"its hash is not the SHA-256 of its text, which is {actual}"]


def _shortened(path: Path, faults: Sequence[str]) -> str:
    more = len(faults) - MAX_SHOWN
    lines = [f"{path}: nothing was loaded, because of {len(faults)} fault{'s' if len(faults) > 1 else ''}:"]
    lines += (f"  {fault}" for fault in faults[:MAX_SHOWN])
    return "\n".join([*lines, f"  … and {more} more"] if more > 0 else lines)
