"""`coalition trusted-documents`: manages trusted (persisted) GraphQL documents."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from pathlib import Path

import click

from server.cli.support import moment, on_database, one_line_faults, read_settings, table


@click.group("trusted-documents", short_help="Manage trusted documents: the GraphQL queries of client programs.")
def trusted_documents() -> None:
    """Load, list, withdraw and restore trusted documents: the GraphQL queries of client programs.

    These are not the documents of the expert groups, which the API stores.
    """


@trusted_documents.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_documents(file: Path) -> None:
    """Load the GraphQL queries in FILE as trusted documents, all or none.

    Loading them again changes nothing. FILE is a manifest that the build of a client program writes: Apollo's
    persisted-query manifest, or the object {hash: text} of Relay and GraphQL Code Generator, with SHA-256 as the hash.
    """
    limits = read_settings().limits()
    from resolvers.trusted_documents import store_documents
    from server.cli.trusted_manifest import ManifestError, read_manifest

    with one_line_faults():
        try:
            found = read_manifest(file, limits)
        except ManifestError as error:
            # The message has one line for each fault.
            raise click.ClickException(str(error)) from None
    stored = on_database(lambda database: store_documents(database, found))
    withdrawn = f", {stored.withdrawn} still withdrawn" if stored.withdrawn else ""
    click.echo(f"{file}: {stored.new} new, {stored.known} already known{withdrawn}.")


@trusted_documents.command("list")
def list_documents() -> None:
    """List all trusted documents with their ID, operations, load time and state."""
    from resolvers.trusted_documents import list_documents as list_all

    found = on_database(list_all)
    table(
        ("id", "operations", "loaded", "state"),
        (
            (
                f"sha256:{row.sha256}",
                row.names,
                moment(row.created_at),
                f"withdrawn {moment(row.withdrawn_at)}" if row.withdrawn_at else "trusted",
            )
            for row in found
        ),
    )


@trusted_documents.command("withdraw")
@click.argument("key", metavar="ID")
def withdraw_document(key: str) -> None:
    """Withdraw the trusted document with this ID.

    Every worker rejects it within five seconds.
    """
    from resolvers.trusted_documents import withdraw_document as withdraw

    digest = on_database(lambda database: withdraw(database, key))
    click.echo(f"sha256:{digest} is withdrawn.")


@trusted_documents.command("restore")
@click.argument("key", metavar="ID")
def restore_document(key: str) -> None:
    """Restore the withdrawn trusted document with this ID."""
    from resolvers.trusted_documents import restore_document as restore

    digest = on_database(lambda database: restore(database, key))
    click.echo(f"sha256:{digest} is trusted again.")
