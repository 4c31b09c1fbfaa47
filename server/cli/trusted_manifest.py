"""Reads and checks manifests of trusted documents, which the builds of client programs write.

It accepts two formats: Apollo's persisted-query manifest, and the plain object `{hash: text}` that Relay's
compiler and GraphQL Code Generator write. In both, the hash must be the SHA-256 of the text. One faulty document
rejects the whole manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.core.json_file import read_json, show
from resolvers.trusted_documents import digest_in, digest_of
from schema import schema
from schema.execution.trusted_documents import FaultyDocumentError, examine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from resolvers.core.limits import Limits
    from resolvers.trusted_documents import Trusted

APOLLO = "apollo-persisted-query-manifest"
MAX_BYTES = 32 * 1024 * 1024
MAX_DOCUMENTS = 10_000
MAX_SHOWN = 50
#: The hashes that generators write by default, by their number of hexadecimal digits.
OTHER_HASHES = {32: "an MD5", 40: "a SHA-1"}


class ManifestError(ValueError):
    """A manifest that cannot be loaded; the message has one line, and one more for each fault of a document."""


class Entry(NamedTuple):
    """One document of a manifest: its place, its hash and its text, none of them checked yet."""

    place: str
    hash: object
    text: object


def read_manifest(path: Path, limits: Limits) -> Sequence[Trusted]:
    """Return the documents of the manifest at `path`, without duplicates.

    Raises ManifestError, which lists every fault, if any document is faulty.
    """
    _check_size(path)
    entries = list(_entries(path, read_json(path, ManifestError)))
    if len(entries) > MAX_DOCUMENTS:
        message = f"{path}: has {len(entries):,} documents; at most {MAX_DOCUMENTS:,} can be loaded at once."
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
        message = f"{path}: has {size:,} bytes; at most {MAX_BYTES:,} are allowed: load it in parts."
        raise ManifestError(message)


def _entries(path: Path, value: object) -> Iterator[Entry]:
    if not isinstance(value, dict):
        message = f"{path}: a manifest must be a JSON object ({{hash: text}}, or Apollo's format), not {show(value)}."
        raise ManifestError(message)
    if "format" not in value:
        yield from (Entry(name if digest_in(name) else show(name), name, text) for name, text in value.items())
        return
    if value["format"] != APOLLO or value.get("version") != 1 or not isinstance(value.get("operations"), list):
        needed = f'"format": "{APOLLO}", "version": 1 and a list "operations"'
        message = f"{path}: a manifest with a format must have {needed}."
        raise ManifestError(message)
    for place, operation in enumerate(value["operations"]):
        given: dict[str, Any] = operation if isinstance(operation, dict) else {}
        yield Entry(f"operations[{place}] {show(given.get('name'))}", given.get("id"), given.get("body"))


def _examined(entry: Entry, limits: Limits) -> Trusted:
    if not isinstance(entry.text, str):
        raise FaultyDocumentError(["its text is missing or not a string"])
    try:
        actual = digest_of(entry.text)
    except UnicodeEncodeError:
        raise FaultyDocumentError(["it contains half of a surrogate pair, which is not valid text"]) from None
    wrong = _wrong_hash(entry.hash, actual)
    try:
        trusted = examine(schema, entry.text, limits)
    except FaultyDocumentError as error:
        raise FaultyDocumentError([*wrong, *error.faults]) from None
    if wrong:
        raise FaultyDocumentError(wrong)
    return trusted


def _wrong_hash(given: object, actual: str) -> list[str]:
    """Return the faults of the hash of a text whose digest is `actual`."""
    if not isinstance(given, str):
        return ["its id is missing or not a string"]
    digest = digest_in(given)
    if digest is None:
        other = OTHER_HASHES.get(len(given))
        hint = f"; it looks like {other}: configure the generator to write SHA-256" if other else ""
        return [f"its hash is not 64 hexadecimal digits in lower case{hint}"]
    return [] if digest == actual else [f"its hash does not match its text, whose SHA-256 is {actual}"]


def _shortened(path: Path, faults: Sequence[str]) -> str:
    more = len(faults) - MAX_SHOWN
    lines = [f"{path}: nothing was loaded, because of {len(faults)} fault{'s' if len(faults) > 1 else ''}:"]
    lines += (f"  {fault}" for fault in faults[:MAX_SHOWN])
    return "\n".join([*lines, f"  … and {more} more"] if more > 0 else lines)
