"""`coalition account` and `coalition token`: who may come in, and with what."""
# ruff: noqa: PLC0415 (the database stack takes a second to import, for which a bad argument should not wait)

from __future__ import annotations

import click

from server.cli.support import moment, on_database, table


@click.group()
def account() -> None:
    """Enter, list and disable the accounts of people."""


@account.command("create")
@click.argument("email")
@click.option("--name", required=True, help="How the person is named.")
@click.option("--participant", required=True, metavar="CODE", help="Whom the person works for, such as EE.")
@click.option("--issuer", help="The identity provider, where the person's identity is known already.")
@click.option("--subject", help="The provider's own key for the person.")
def create_account(*, email: str, name: str, participant: str, issuer: str | None, subject: str | None) -> None:
    """Enter an account for the person with the address EMAIL."""
    if (issuer is None) != (subject is None):
        message = "Give --issuer and --subject together, or neither."
        raise click.ClickException(message)
    from resolvers.identity.account_admin import create_account as create
    from resolvers.identity.account_linking import Identity

    identity = Identity(issuer, subject) if issuer is not None and subject is not None else None
    on_database(lambda database: create(database, email, name, participant, identity))
    click.echo(f"{email} has an account for {participant}.")


@account.command("list")
def list_accounts() -> None:
    """Show every account."""
    from resolvers.identity.account_admin import list_accounts as list_all

    found = on_database(list_all)
    table(("address", "name", "participant", "identity", "state"), found)


@account.command("disable")
@click.argument("email")
def disable_account(email: str) -> None:
    """Let the account with the address EMAIL in no longer, within five seconds on every worker."""
    from resolvers.identity.account_admin import disable_account as disable

    on_database(lambda database: disable(database, email))
    click.echo(f"{email} is disabled.")


@click.group()
def token() -> None:
    """Make, list and revoke API tokens for machines."""


@token.command("create")
@click.option("--account", "email", required=True, metavar="EMAIL", help="In whose name the token is used.")
@click.option("--name", required=True, help="What uses it.")
@click.option(
    "--scope", type=click.Choice(["read", "write"]), default="read", show_default=True, help="Whether it may change."
)
@click.option("--days", type=int, default=90, show_default=True, help="How long it holds, at most 365.")
def create_token(*, email: str, name: str, scope: str, days: int) -> None:
    """Make a token and print it, once."""
    from resolvers.identity.api_tokens import create_token as create

    made = on_database(lambda database: create(database, email, name, scope, days))
    click.echo(made.text)
    click.echo(f"Token {made.id} holds until {moment(made.expires_at)}. It is shown only now: keep it safe.", err=True)


@token.command("list")
def list_tokens() -> None:
    """Show every token, but not what it is."""
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
    """Let the token with this ID hold no longer, within five seconds on every worker."""
    from resolvers.identity.api_tokens import revoke_token as revoke

    on_database(lambda database: revoke(database, key))
    click.echo(f"Token {key} is revoked.")
