"""`coalition doctor`: checks all that the server needs, and says what is wrong and what to do."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import click

from server.cli.support import read_settings


@click.command()
def doctor() -> None:
    """Check the database, the file store, the scanner, the identity provider, the clock and the backups.

    The checks leave nothing behind. The command exits with status 1 if one finds a fault; a warning is no fault.
    """
    settings = read_settings()
    import asyncio

    from server.cli.doctor_checks import Level, examine

    findings = asyncio.run(examine(settings))
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        click.echo(f"{finding.level.value:<7}  {finding.subject:<{width}}  {finding.message}")
    faults = sum(finding.level is Level.FAULT for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    click.echo(f"{len(findings)} checks: {faults} faults, {warnings} warnings.")
    if faults:
        raise SystemExit(1)
