"""`uv run python -m benchmarks`: builds the data, starts the servers, drives them in turn, prints what it saw."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import click

from benchmarks.answers import DifferenceError
from benchmarks.load import AnswerError
from benchmarks.report import document, tables
from benchmarks.run import measure
from benchmarks.seen import Options
from benchmarks.servers import StartError
from tests.servers.postgres import PostgresError

SHORT = Options(rounds=1, scale=1, seconds=0.1, procurements=500, mixed=100, starts=1)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often every server is driven through every work.")
@click.option("--seconds", default=3.0, show_default=True, help="How long each of it takes.")
@click.option("--scale", default=1, show_default=True, help="How many times 10,000 procurements; 100 for a million.")
@click.option(
    "--short", is_flag=True, help="Only see that it all works, with 500 procurements; the figures say nothing."
)
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write all that was seen into this file.")
def main(*, rounds: int, seconds: float, scale: int, short: bool, file: Path | None) -> None:
    """Measure how fast the API is, against its own database and other servers."""
    # Told to end, it stops what it started, as when it is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = SHORT if short else Options(rounds=rounds, seconds=seconds, scale=scale)
    try:
        seen = measure(options, click.echo)
    except (AnswerError, DifferenceError, StartError, PostgresError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(tables(seen))
    if file:
        file.write_text(json.dumps(document(seen), indent=1) + "\n")


main()
