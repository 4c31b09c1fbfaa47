"""`coalition graphiql`: builds GraphiQL, the page for browsers at /graphql, and the overview at /."""

from __future__ import annotations

import click

from server.graphiql.build import BuildError, build_graphiql


@click.group()
def graphiql() -> None:
    """Build GraphiQL, the page for browsers at /graphql, and the overview at /."""


@graphiql.command("build")
def build() -> None:
    """Build GraphiQL and the overview with Node and npm.

    Do nothing if the current sources are already built.
    """
    try:
        folder = build_graphiql(report)
    except BuildError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"GraphiQL is built: {folder}.")


def build_if_possible() -> None:
    """Build GraphiQL as the command does; if that fails, print the reason and continue."""
    try:
        build_graphiql(report)
    except BuildError as error:
        report(str(error))


def report(line: str) -> None:
    """Print a line about the build on standard error."""
    click.echo(line, err=True)
