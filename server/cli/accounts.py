"""`coalition account` and `coalition token`: the accounts of people and the API tokens of machines."""
# ruff: noqa: PLC0415 (importing the database stack takes a second; a bad argument must fail without that delay)

from __future__ import annotations

import click

from server.cli.support import moment, on_database, table

#: A chair cannot change the words of another person.
COMMENTS = (
    "the author corrects the comment (updateComment). A comment of the erased person can only be withdrawn, by the "
    "chair of the group (withdrawComment)."
)


@click.group()
def account() -> None:
    """Create, list, disable and erase the accounts of people."""


@account.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--participant", required=True, metavar="CODE", help="The participant the person works for, such as EE.")
@click.option("--issuer", help="The identity provider's issuer, if the person's identity is already known.")
@click.option("--subject", help="The provider's subject for the person.")
def create_account(*, email: str, name: str, participant: str, issuer: str | None, subject: str | None) -> None:
    """Create an account for the person with the email address EMAIL."""
    if (issuer is None) != (subject is None):
        message = "--issuer and --subject belong together: set both, or neither."
        raise click.ClickException(message)
    from resolvers.identity.account_admin import create_account as create
    from resolvers.identity.account_linking import Identity

    identity = Identity(issuer, subject) if issuer is not None and subject is not None else None
    on_database(lambda database: create(database, email, name, participant, identity))
    click.echo(f"The account {email} of {participant} is created.")


@account.command("list")
def list_accounts() -> None:
    """List all accounts."""
    from resolvers.identity.account_admin import list_accounts as list_all

    found = on_database(list_all)
    table(("address", "name", "participant", "identity", "state"), found)


@account.command("disable")
@click.argument("email")
def disable_account(email: str) -> None:
    """Disable the account EMAIL.

    Every worker rejects its credentials within five seconds.
    """
    from resolvers.identity.account_admin import disable_account as disable

    on_database(lambda database: disable(database, email))
    click.echo(f"The account {email} is disabled.")


@account.command("erase")
@click.argument("who", metavar="EMAIL|ID")
@click.confirmation_option(prompt="Nothing can bring the name and the address back. Erase the person?")
def erase_account(*, who: str) -> None:
    """Erase the person of the account EMAIL|ID, on the person's request.

    The name, the address and all credentials go, also from the audit log, which stays valid. The person's work stays,
    under the name "Erased person". The command names the texts that still mention the person, and the work
    that others must take over.
    """
    from resolvers.identity.account_erasure import erase_account as erase

    done = on_database(lambda database: erase(database, who))
    click.echo(f"The person of the account {done.account} is erased. Every worker rejects it within five seconds.")
    for place in done.places:
        by = COMMENTS if place.column == "comments.content" else "correct the text."
        click.echo(f"{place.column} still mentions the person, in {', '.join(place.keys)}: {by}")
    for work in done.work:
        click.echo(f"The person is still named in {work.name}: {', '.join(work.ids)}. In each, {work.advice}.")
    if done.is_overwritten is False:
        again = f"stop the server, then run coalition account erase {done.account} again"
        click.echo(f"The file of the database still has old copies, because it is in use: {again}.")
    click.echo("Backups still have the values: see docs/guides/backup.md.")


@click.group()
def token() -> None:
    """Create, list and revoke API tokens for machines."""


@token.command("create")
@click.option("--account", "email", required=True, metavar="EMAIL", help="The account that the token acts for.")
@click.option("--name", required=True, help="The program or device that uses the token.")
@click.option(
    "--scope", type=click.Choice(["read", "write"]), default="read", show_default=True, help="What the token may do."
)
@click.option("--days", type=int, default=90, show_default=True, help="Days until it expires, at most 365.")
def create_token(*, email: str, name: str, scope: str, days: int) -> None:
    """Create a token and print it once."""
    from resolvers.identity.api_tokens import create_token as create

    made = on_database(lambda database: create(database, email, name, scope, days))
    click.echo(made.text)
    expiry = moment(made.expires_at)
    click.echo(f"Token {made.id} expires on {expiry}. It is shown only this once: store it safely.", err=True)


@token.command("list")
def list_tokens() -> None:
    """List all tokens, without their secrets."""
    from resolvers.identity.api_tokens import list_tokens as list_all

    found = on_database(list_all)
    table(
        ("id", "account", "name", "scopes", "created", "expires", "last used", "state"),
        (
            (
                *(row.id, row.account, row.name, row.scopes),
                *map(moment, (row.created_at, row.expires_at, row.last_used_at)),
                row.state,
            )
            for row in found
        ),
    )


@token.command("revoke")
@click.argument("key", metavar="ID")
def revoke_token(key: str) -> None:
    """Revoke the token with this ID.

    Every worker rejects it within five seconds.
    """
    from resolvers.identity.api_tokens import revoke_token as revoke

    on_database(lambda database: revoke(database, key))
    click.echo(f"Token {key} is revoked.")
