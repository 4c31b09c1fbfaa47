"""`coalition load-rates`: loads the reference rates by which sums are converted."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from pathlib import Path

import click

from server.cli.support import on_database


@click.command("load-rates", short_help="Load exchange rates of the European Central Bank.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_rates(file: Path) -> None:
    """Load the exchange rates in FILE, all or none.

    FILE is eurofxref-hist.csv of the European Central Bank, or a part of it. A rate of the same currency and day is
    replaced, so loading it again changes nothing.
    """
    from resolvers.record.exchange_rates import RatesError
    from resolvers.record.exchange_rates import load_rates as load

    try:
        loaded = on_database(lambda database: load(database, file))
    except RatesError as error:
        message = f"{file}: {error}."
        raise click.ClickException(message) from None
    skipped = f"; the register does not know {', '.join(loaded.skipped)}" if loaded.skipped else ""
    click.echo(f"{file}: {loaded.rates} rates of {loaded.first} to {loaded.last}{skipped}.")
