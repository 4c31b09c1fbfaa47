"""`coalition demo`: maintains the demo that `coalition serve --demo` serves."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server.cli.support import one_line_faults

if TYPE_CHECKING:
    from server.config.settings import Settings

#: How many steps of the first start are between two lines of its progress.
STRIDE = 40
QUESTION = "Delete the database and the files of the demo, with all that people entered in it?"

MISSING = (
    "{} is missing: its account was erased, or has another email address. To have all personas again, stop the demo, "
    "then run coalition demo reset."
)


@click.group()
def demo() -> None:
    """Maintain the demo, which `coalition serve --demo` serves."""


@demo.command()
@click.confirmation_option(prompt=QUESTION, help="Do not ask before the deletion.")
def reset() -> None:
    """Delete the demo, so that the next start makes it anew.

    It is refused while a demo is running.
    """
    from server.startup.demo import DATABASE_URL, reset_demo

    with one_line_faults(DATABASE_URL, is_demo=True):
        found = reset_demo()
    done = "The demo is deleted." if found else "There is no demo, so nothing was deleted."
    click.echo(f"{done} To make a new one, run coalition serve --demo.")


def print_progress(done: int, steps: int) -> None:
    """Print how much of the demo the first start has made, on standard error."""
    if done % STRIDE == 0 or done == steps:
        click.echo(f"Making the demo, once: {done} of {steps} steps.", err=True)


def where_it_is(settings: Settings) -> str:
    """Return a line with the places of the demo's database and files; it names the `settings` that do not apply."""
    from server.startup.demo import FILE, FILE_STORE

    place = f"The demo's database is {FILE}, and its files are in {FILE_STORE}."
    given = {"database_url", "file_store"} & settings.model_fields_set
    ignored = " and ".join(f"COALITION_{name.upper()}" for name in sorted(given))
    return f"{place} It ignores {ignored}." if ignored else place


def missing_personas(settings: Settings) -> list[str]:
    """Return a line for each persona that the demo no longer has, which says how to get it back."""
    from resolvers.identity.demo_personas import PERSONAS

    found = tuple(persona.title for persona in settings.demo_personas)
    return [MISSING.format(each.title) for each in PERSONAS if not any(one.startswith(each.title) for one in found)]
