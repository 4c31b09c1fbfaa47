"""`coalition trusted-documents`: the GraphQL queries of client programs that are trusted."""
# ruff: noqa: PLC0415 (the database stack takes a second to import, for which a bad argument should not wait)

from __future__ import annotations

from pathlib import Path

import click

from server.cli.support import moment, on_database, one_line_faults, read_settings, table


@click.group("trusted-documents", short_help="Keep trusted documents: the GraphQL queries of client programs.")
def trusted_documents() -> None:
    """Load, list and withdraw trusted documents: the GraphQL queries of client programs.

    The documents of the expert groups are something else: the API keeps them.
    """


@trusted_documents.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_documents(file: Path) -> None:
    """Trust the GraphQL queries in FILE, all or none; loading them again changes nothing.

    FILE is a manifest that the build of a client program wrote: Apollo's persisted-query manifest, or the
    {hash: text} of Relay and GraphQL Code Generator, with SHA-256 as the hash.
    """
    limits = read_settings().limits()
    from resolvers.query.trusted_documents import store_documents
    from server.cli.trusted_manifest import ManifestError, read_manifest

    with one_line_faults():
        try:
            found = read_manifest(file, limits)
        except ManifestError as error:
            # Every fault has a line of its own.
            raise click.ClickException(str(error)) from None
    stored = on_database(lambda database: store_documents(database, found))
    withdrawn = f", {stored.withdrawn} withdrawn before and left so" if stored.withdrawn else ""
    click.echo(f"{file}: {stored.new} new, {stored.known} known already{withdrawn}.")


@trusted_documents.command("list")
def list_documents() -> None:
    """Show every trusted document: its ID, the names of its operations, and since when."""
    from resolvers.query.trusted_documents import list_documents as list_all

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
    """Trust the GraphQL query with this ID no longer, within five seconds on every worker."""
    from resolvers.query.trusted_documents import withdraw_document as withdraw

    digest = on_database(lambda database: withdraw(database, key))
    click.echo(f"sha256:{digest} is withdrawn.")


@trusted_documents.command("restore")
@click.argument("key", metavar="ID")
def restore_document(key: str) -> None:
    """Trust the GraphQL query with this ID again."""
    from resolvers.query.trusted_documents import restore_document as restore

    digest = on_database(lambda database: restore(database, key))
    click.echo(f"sha256:{digest} is trusted again.")
