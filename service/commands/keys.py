"""`spotter keys`: the API keys of a gym."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.options import GYM, KEY, NAME, Duration, Time
from service.commands.running_spotter import running_spotter
from service.config import MOST_REQUESTS
from service.domain.api_keys import SCOPES, ApiKey
from service.domain.instants import Instant, render
from service.usecases.gym import api_keys
from service.usecases.gym.gyms import find_gym
from service.usecases.services import Services

_expires_in = click.option("--expires-in", type=Duration(), help="Valid for so long, such as 90d or 12h.")
_expires_at = click.option("--expires-at", type=Time(), help="Valid until this time.")


@click.group("keys")
def keys_group() -> None:
    """List API keys, make them, rotate and revoke them. A key itself is printed once, when it is made."""


@keys_group.command("list")
@click.option("--gym", type=GYM, help="Only the keys of this gym. Default: those of every gym.")
def list_command(gym: str | None) -> None:
    """List keys, the oldest first, with what they may do and when they were last used (UTC)."""
    services = running_spotter()
    now = services.clock()
    found = services.keys.all() if gym is None else services.keys.of(find_gym(services, gym).id)
    table = Table(box=None, padding=(0, 2, 0, 0))
    # What is typed again is never cut off, however narrow the terminal.
    for name, whole in (("Key", True), ("Gym", False), ("Name", False), ("Scopes", False), ("Last used", True)):
        table.add_column(name, no_wrap=whole)
    table.add_column(min_width=16)
    for key, last_used_at in api_keys.see_keys(services, found):
        used = "never" if last_used_at is None else render(last_used_at)[:16].replace("T", " ")
        table.add_row(key.id, key.gym, escape(key.name or ""), " ".join(key.scopes), used, _remarks(key, now))
    Console().print(table)


@keys_group.command("add")
@click.option("--gym", type=GYM, required=True, help="The gym that it acts for.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="May be repeated.")
@click.option("--name", type=NAME, help="What it is for.")
@click.option("--rate-limit", type=click.IntRange(1, MOST_REQUESTS), help="Requests a minute. Default: the setting's.")
@_expires_in
@_expires_at
def add_command(
    *,
    gym: str,
    scopes: tuple[str, ...],
    name: str | None,
    rate_limit: int | None,
    expires_in: Instant | None,
    expires_at: Instant | None,
) -> None:
    """Make a key, and print it on standard output. It is not shown again."""
    services = running_spotter()
    find_gym(services, gym)
    made = api_keys.make_key(
        services,
        gym,
        tuple(scope for scope in SCOPES if scope in scopes),
        name=name,
        expires_at=_expiry(services, expires_in, expires_at),
        rate_limit=rate_limit,
    )
    show_secret(made.key, made.secret)


@keys_group.command("rotate")
@click.argument("key", type=KEY)
@click.option("--grace", type=Duration(), default="24h", show_default=True, help="How long the old key stays valid.")
@_expires_in
@_expires_at
def rotate_command(key: str, grace: Instant, expires_in: Instant | None, expires_at: Instant | None) -> None:
    """Make a key in the place of KEY, and print it on standard output. The old one expires when the grace is over."""
    services = running_spotter()
    rotated = api_keys.rotate_key(
        services, key, None, grace=grace, expires_at=_expiry(services, expires_in, expires_at)
    )
    click.echo(f"{rotated.old.id} is valid until {render(rotated.old.expires_at or 0)}.", err=True)
    show_secret(rotated.new, rotated.secret)


@keys_group.command("revoke")
@click.argument("key", type=KEY)
def revoke_command(key: str) -> None:
    """Revoke KEY, for good. Every process refuses it within 5 seconds."""
    revoked = api_keys.revoke_key(running_spotter(), key, None).key
    click.echo(f"{revoked.id} of the gym {revoked.gym} is revoked since {render(revoked.revoked_at or 0)}.")


@keys_group.command("limit")
@click.argument("key", type=KEY)
@click.argument("requests", type=click.IntRange(1, MOST_REQUESTS), required=False)
def limit_command(key: str, requests: int | None) -> None:
    """Let KEY make so many REQUESTS a minute. Without a number it makes as many as SPOTTER_RATE_LIMIT says."""
    services = running_spotter()
    limited = api_keys.limit_key(services, key, requests)
    own = f"{limited.rate_limit:,}" if limited.rate_limit else f"the setting's {services.settings.rate_limit:,}"
    click.echo(f"{key} may make {own} requests a minute.")


def show_secret(key: ApiKey, secret: str) -> None:
    """Print a new key: the secret alone on standard output, what there is to say of it on standard error."""
    until = "" if key.expires_at is None else f" until {render(key.expires_at)}"
    click.echo(f"The key {key.id} of the gym {key.gym} may {', '.join(key.scopes)}{until}.", err=True)
    click.echo("Keep it: only its hash is stored, and it is not shown again.", err=True)
    click.echo(secret)


def day(instant: Instant | None) -> str:
    """The day of an instant, in UTC."""
    return "" if instant is None else render(instant)[:10]


def _remarks(key: ApiKey, now: Instant) -> str:
    """What is not as usual: that it ended or will, and a limit of its own."""
    remarks = []
    match key.status(now):
        case "revoked":
            remarks.append(f"revoked {day(key.revoked_at)}")
        case "expired":
            remarks.append(f"expired {day(key.expires_at)}")
        case "active" if key.expires_at is not None:
            remarks.append(f"until {day(key.expires_at)}")
    if key.rate_limit is not None:
        remarks.append(f"{key.rate_limit:,} a minute")
    return ", ".join(remarks)


def _expiry(services: Services, expires_in: Instant | None, expires_at: Instant | None) -> Instant | None:
    if expires_in is not None and expires_at is not None:
        raise click.UsageError("give either --expires-in or --expires-at.")
    expiry = expires_at if expires_in is None else services.clock() + expires_in
    if expiry is not None and expiry <= services.clock():
        raise click.UsageError("the key would have expired already.")
    return expiry
