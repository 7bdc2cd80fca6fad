"""Workspaces and their keys; a secret is shown once."""

from datetime import timedelta
from getpass import getuser
from typing import Any, get_args
from uuid import UUID, uuid4

import click
import msgspec

from aurevoir import settings
from aurevoir.access import changing, customer_tokens, keys, workspaces
from aurevoir.access.changing import Change
from aurevoir.access.customer_tokens import Algorithm
from aurevoir.access.facts import Mode
from aurevoir.access.keys import SCOPES, NewSigningKey, Scope
from aurevoir.cli.opening import the_workspace, with_database, workspace_option
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import clock, db, ids

_CONSUMER = {"yes": True, "no": False, "unknown": None}


@click.command()
@click.argument("key")
@click.option("--name", required=True, help="The product's name, as customers know it.")
@click.option("--zone", default="UTC", show_default=True, help="IANA zone in which days are counted.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--locale", default="en", show_default=True)
@click.option("--allow-origin", "origins", multiple=True, help="A page's origin that may embed the element.")
@click.option("--starter", default="saas_classic", show_default=True, help="The flow to begin with.")
@with_database(writes=True)
async def create_workspace(
    key: str, name: str, zone: str, currency: str, locale: str, origins: tuple[str, ...], starter: str
) -> None:
    """A workspace with a published flow and signing keys for live and test mode, shown once."""
    keyring, now = settings.read().installation.keyring, clock.now()

    async def unit() -> tuple[UUID, list[NewSigningKey]]:
        workspace = await workspaces.create(
            keyring,
            key,
            name,
            now,
            zone=zone,
            currency=currency,
            locale=locale,
            allowed_origins=list(origins),
            default_flow=starter,
        )
        await flows.load(workspace, starters.starter(starter), "cli", now, publish_it=True)
        made = [await keys.create_signing_key(keyring, workspace, mode, now) for mode in ("live", "test")]
        return workspace, made

    workspace, made = await db.transaction(unit)
    click.echo(f"workspace (iss): {ids.shown('ws', workspace)}")
    for one in made:
        _show(one)


@click.command()
@click.option(
    "--default-country", metavar="CC", help="Of customers whose token says none, e.g. FR; `none` for unknown."
)
@click.option("--default-consumer", type=click.Choice(list(_CONSUMER)), help="Whether they are consumers.")
@click.option("--contact-email", metavar="ADDRESS", help="Where customers reach a person; `none` for nowhere.")
@workspace_option
@with_database(writes=True)
async def change_workspace(
    default_country: str | None, default_consumer: str | None, contact_email: str | None, workspace: str | None
) -> None:
    """Change what belongs to the workspace's owner; it is recorded, with the name of who is logged in here."""
    owner, keyring = await the_workspace(workspace), settings.read().installation.keyring
    given = {"default_country": default_country, "contact_email": contact_email}
    wanted: dict[str, object] = {name: None if to == "none" else to for name, to in given.items() if to}
    if default_consumer:
        wanted["default_consumer"] = _CONSUMER[default_consumer]
    try:
        change = msgspec.convert(wanted, Change)
    except msgspec.ValidationError as error:
        raise click.ClickException(str(error)) from error
    actor = f"cli:{getuser()}"[:60]
    await db.transaction(lambda: changing.change(keyring, owner.id, change, actor, clock.now()))
    click.echo(f"{owner.key}: {', '.join(f'{name} is {to}' for name, to in wanted.items()) or 'nothing to change'}")


@click.command()
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
@click.option("--name", default="created on the command line", show_default=True)
@workspace_option
@with_database(writes=True)
async def create_key(scopes: tuple[Scope, ...], name: str, workspace: str | None) -> None:
    """A key of the operator API; it is shown once."""
    owner = await the_workspace(workspace)
    click.echo(await db.transaction(lambda: keys.create_api_key(owner.id, name, scopes, clock.now())))


@click.command()
@click.option("--mode", required=True, type=click.Choice(get_args(Mode)))
@click.option("--algorithm", default="HS256", show_default=True, type=click.Choice(get_args(Algorithm)))
@workspace_option
@with_database(writes=True)
async def create_signing_key(mode: Mode, algorithm: Algorithm, workspace: str | None) -> None:
    """A further key for customer tokens; with EdDSA, only its public half is kept here."""
    owner, keyring = await the_workspace(workspace), settings.read().installation.keyring
    _show(await db.transaction(lambda: keys.create_signing_key(keyring, owner.id, mode, clock.now(), algorithm)))


def _show(made: NewSigningKey) -> None:
    # A private key in PEM has lines of its own.
    secret = f"private key\n{made.secret.strip()}" if made.algorithm == "EdDSA" else f"secret {made.secret}"
    click.echo(f"{made.mode} signing key: kid {made.kid}, {made.algorithm} {secret}")


@click.command()
@click.option("--customer", required=True, help="The customer's id in your product.")
@click.option("--subscription", required=True, help="The subscription's id in your billing.")
@click.option("--mode", default="test", show_default=True, type=click.Choice(["live", "test"]))
@click.option("--facts", default="{}", help='Further claims as JSON, e.g. \'{"country": "FR"}\'.')
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1, 60))
@workspace_option
@with_database(writes=False)
async def sign_token(
    customer: str, subscription: str, mode: str, facts: str, minutes: int, workspace: str | None
) -> None:
    """A customer token for trying things out."""
    owner = await the_workspace(workspace)
    key = await keys.secret_for_trying_out(
        settings.read().installation.keyring, owner.id, "live" if mode == "live" else "test"
    )
    if key is None:
        raise click.ClickException(f"The workspace has no HS256 signing key in {mode} mode.")
    try:
        further = msgspec.json.decode(facts, type=dict[str, Any])
        told = msgspec.convert(further.get("subscription", {}), dict[str, Any])
    except msgspec.DecodeError as error:
        raise click.ClickException(f"--facts is not a JSON object: {error}") from error
    now = clock.now()
    claims = {
        "iss": ids.shown("ws", owner.id),
        "aud": customer_tokens.AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
        "jti": str(uuid4()),
        "sub": customer,
        "mode": mode,
        **further,
        "subscription": {**told, "id": subscription},
    }
    click.echo(customer_tokens.sign(claims, kid=key.kid, algorithm=key.algorithm, material=key.material))
