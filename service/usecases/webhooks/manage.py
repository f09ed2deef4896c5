"""Managing a gym's webhooks: making, listing, rotating secrets, resuming, removing, and resending dead letters."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from service.domain.errors import InvalidInput, NotFound, Problem, TooManyWebhooks
from service.domain.webhooks import (
    GRACE,
    MOST_PER_GYM,
    SECRET_BYTES,
    Attempt,
    DeadLetter,
    Progress,
    Webhook,
    check_url,
    secret_of,
)
from service.outgoing.posting import port_of
from service.outgoing.targets import TargetRefused, resolve
from service.usecases.services import Services


class WebhookSeen(NamedTuple):
    """A webhook, how far it has been told, and how many changes it has not been told yet."""

    webhook: Webhook
    progress: Progress
    behind: int


def add_webhook(services: Services, gym: str, url: str, description: str | None = None) -> Webhook:
    """Make a webhook that is told whatever comes from now on.

    Raises `InvalidInput` for a URL that is not to be called, and `TooManyWebhooks`.
    """
    private = services.settings.private_targets
    check_url(url, plain=private)
    try:
        resolve(*port_of(url)[:2], private=private)
    except TargetRefused as error:
        raise InvalidInput(Problem("/url", str(error))) from None
    if len(services.webhooks.of(gym)) >= MOST_PER_GYM:
        raise TooManyWebhooks(f"a gym can have {MOST_PER_GYM} webhooks: remove one first")
    return add_unchecked(services, gym, url, description)


def add_unchecked(services: Services, gym: str, url: str, description: str | None) -> Webhook:
    """Make a webhook of whatever URL: whether that may be called is looked at whenever it is."""
    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    webhook = Webhook(f"wh_{secrets.token_hex(8)}", url, secret, services.clock(), description)
    _, newest = services.feeds.ends(gym)
    services.webhooks.add(gym, webhook, newest)
    return webhook


def see_webhooks(services: Services, gym: str) -> list[WebhookSeen]:
    """The webhooks of a gym, the oldest first."""
    found = services.webhooks.of(gym)
    _, newest = services.feeds.ends(gym)
    all_progress = services.webhooks.progress(gym, found)
    return [
        WebhookSeen(webhook, progress, max(newest - progress.after, 0))
        for webhook, progress in zip(found, all_progress, strict=True)
    ]


def see_webhook(services: Services, gym: str, webhook_id: str) -> WebhookSeen:
    """A webhook of a gym. Raises `NotFound`."""
    webhook = services.webhooks.get(gym, webhook_id)
    _, newest = services.feeds.ends(gym)
    (progress,) = services.webhooks.progress(gym, [webhook])
    return WebhookSeen(webhook, progress, max(newest - progress.after, 0))


def rotate_secret(services: Services, gym: str, webhook_id: str) -> Webhook:
    """Give a webhook another secret; the one that it had goes on to sign beside it for a day. Raises `NotFound`."""
    webhook = services.webhooks.get(gym, webhook_id)
    rotated = replace(
        webhook,
        secret=secret_of(secrets.token_bytes(SECRET_BYTES)),
        old_secret=webhook.secret,
        old_until=services.clock() + GRACE,
    )
    services.webhooks.put(gym, rotated)
    return rotated


def take_up(services: Services, gym: str, webhook_id: str) -> WebhookSeen:
    """Go on with a webhook at once, disabled or waiting for its next attempt, from where it was. Raises `NotFound`."""
    webhook = services.webhooks.get(gym, webhook_id)
    services.webhooks.put(gym, replace(webhook, disabled_at=None, disabled_because=None))
    (progress,) = services.webhooks.progress(gym, [webhook])
    services.webhooks.advance(gym, webhook_id, progress, progress._replace(attempts=0, next_at=0, failing_since=None))
    services.wake.wake_deliverer()
    return see_webhook(services, gym, webhook_id)


def remove_webhook(services: Services, gym: str, webhook_id: str) -> Webhook:
    """Remove a webhook with its dead letters. Raises `NotFound`."""
    webhook = services.webhooks.get(gym, webhook_id)
    services.webhooks.remove(gym, webhook_id)
    return webhook


def dead_letters(services: Services, gym: str, webhook_id: str) -> list[DeadLetter]:
    """What could not be delivered, the oldest first. Raises `NotFound`."""
    services.webhooks.get(gym, webhook_id)
    return services.webhooks.dead(gym, webhook_id)


def attempts(services: Services, gym: str, webhook_id: str) -> list[Attempt]:
    """The newest attempts to deliver, the newest first. Raises `NotFound`."""
    services.webhooks.get(gym, webhook_id)
    return services.webhooks.attempts(gym, webhook_id)


def send_again(services: Services, gym: str, webhook_id: str, message_id: str | None = None) -> Sequence[DeadLetter]:
    """Have a dead letter, or all of them, tried once more; those that are. Raises `NotFound`."""
    found = [
        letter
        for letter in dead_letters(services, gym, webhook_id)
        if message_id is None or letter.message_id == message_id
    ]
    if message_id is not None and not found:
        raise NotFound(f"webhook {webhook_id!r} has no dead letter {message_id!r}")
    services.webhooks.send_again(gym, webhook_id, [letter.message_id for letter in found])
    services.wake.wake_deliverer()
    return found
