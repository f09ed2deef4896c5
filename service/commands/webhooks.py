"""`spotter webhooks`: where a gym is told what changed, and what could not be delivered."""

from __future__ import annotations

import click

from service.commands.options import NAME, Matching, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.instants import SECOND, Instant, render
from service.domain.webhooks import MESSAGE_ID, WEBHOOK_ID, Webhook
from service.usecases.webhooks import manage
from service.usecases.webhooks.manage import WebhookSeen

_WEBHOOK = Matching("webhook", WEBHOOK_ID, "the id of a webhook: wh_ and 16 hexadecimal digits")
_MESSAGE = Matching("message", MESSAGE_ID, "the id of a message, as a dead letter has it: msg_...")


@click.group("webhooks")
def webhooks_group() -> None:
    """List webhooks, make them, rotate their secrets, remove them; look after what could not be delivered."""


@webhooks_group.command("list")
@gym_option
def list_command(gym: str) -> None:
    """List the webhooks of a gym, the oldest first, and how far each has been told."""
    for seen in manage.see_webhooks(running_spotter(), gym):
        webhook, place, behind = seen
        name = f" ({webhook.description})" if webhook.description else ""
        click.echo(f"{webhook.id} {webhook.url}{name}")
        click.echo(f"  {_state(seen)}; {behind:,} change(s) behind; last delivered {_when(place.last_at)}")


@webhooks_group.command("add")
@click.argument("url")
@click.option("--for", "description", type=NAME, help="What it is for.")
@gym_option
def add_command(url: str, description: str | None, gym: str) -> None:
    """Have everything that changes from now on posted to URL. Its secret is printed on standard output, once."""
    _show_secret(manage.add_webhook(running_spotter(), gym, url, description))


@webhooks_group.command("rotate")
@click.argument("webhook", type=_WEBHOOK)
@gym_option
def rotate_command(webhook: str, gym: str) -> None:
    """Give WEBHOOK another secret; for a day, messages are signed with both."""
    _show_secret(manage.rotate_secret(running_spotter(), gym, webhook))


@webhooks_group.command("resume")
@click.argument("webhook", type=_WEBHOOK)
@gym_option
def resume_command(webhook: str, gym: str) -> None:
    """Go on with WEBHOOK at once, disabled or waiting, from where it was."""
    seen = manage.take_up(running_spotter(), gym, webhook)
    click.echo(f"{webhook} is told again; {seen.behind:,} change(s) to go.")


@webhooks_group.command("remove")
@click.argument("webhook", type=_WEBHOOK)
@gym_option
def remove_command(webhook: str, gym: str) -> None:
    """Remove WEBHOOK and its dead letters."""
    removed = manage.remove_webhook(running_spotter(), gym, webhook)
    click.echo(f"{webhook} is removed; nothing is posted to {removed.url} any more.")


@webhooks_group.command("dead")
@click.argument("webhook", type=_WEBHOOK)
@gym_option
def dead_command(webhook: str, gym: str) -> None:
    """List the messages that could not be delivered to WEBHOOK, the oldest first."""
    for letter in manage.dead_letters(running_spotter(), gym, webhook):
        count = letter.last - letter.first + 1
        click.echo(
            f"{letter.message_id} {count} change(s), tried {letter.attempts} times, last {_when(letter.failed_at)}"
        )
        click.echo(f"  {letter.error}")


@webhooks_group.command("resend")
@click.argument("webhook", type=_WEBHOOK)
@click.argument("message", type=_MESSAGE, required=False)
@gym_option
def resend_command(webhook: str, message: str | None, gym: str) -> None:
    """Try MESSAGE once more, or every dead letter of WEBHOOK."""
    letters = manage.send_again(running_spotter(), gym, webhook, message)
    click.echo(
        f"{len(letters)} message(s) will be tried again in a moment; `spotter webhooks dead` shows what is left."
    )


def _show_secret(webhook: Webhook) -> None:
    click.echo(f"{webhook.id} is told at {webhook.url}. Its secret, not shown again:", err=True)
    click.echo(webhook.secret)


def _state(seen: WebhookSeen) -> str:
    webhook, place, _ = seen
    if webhook.disabled_at is not None:
        return f"disabled {_when(webhook.disabled_at)}, {webhook.disabled_because}"
    if place.failing_since is None:
        return "active"
    next_at = _when(place.next_at, to=SECOND)
    return f"failing since {_when(place.failing_since)}, {place.error}; next attempt {next_at}"


def _when(instant: Instant | None, *, to: Instant = 60 * SECOND) -> str:
    return "never" if instant is None else render(instant - instant % to)
