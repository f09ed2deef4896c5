"""Webhooks: where each gym wants to be told, how far each has been told, and what could not be delivered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import msgspec

from service.domain.errors import NotFound
from service.domain.feed import NumberedChange, digest_of
from service.domain.webhooks import Attempt, DeadLetter, Progress, Webhook
from service.store import key_names
from service.store.connections import Client, answering
from service.store.leases import Leases
from service.store.scripts import Argument, Script

MOST_DEAD: Final = 1000
"""Dead letters that are kept of a webhook; the oldest make room."""

MOST_ATTEMPTS: Final = 100
"""Attempts that are kept of a webhook, some 20 kB; the oldest make room."""

_ATTEMPTS_KEPT_MS: Final = 30 * 24 * 3600 * 1000

LEASE_MS: Final = 60_000
"""How long a webhook is left to whoever delivers to it; longer than any attempt, so a killed one is missed after it."""

_BELIEVED_S: Final = 2.0


_FIELDS: Final = ("place", "until", "attempts", "next_at", "failing_since", "error", "last_at")
_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(Webhook).decode
_decode_attempt: Final = msgspec.json.Decoder(Attempt).decode
_decode_letter: Final = msgspec.json.Decoder(DeadLetter).decode


class Webhooks:
    """The webhooks of all gyms."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        """``replicas``: how many must have what a webhook is about to be told."""
        self._client = client
        self._deliver = Script(client, "deliver")
        self._leases = Leases(client, LEASE_MS, replicas)
        self._gyms: frozenset[str] = frozenset()
        self._gyms_until = 0.0

    def gyms(self) -> frozenset[str]:
        """The gyms that have webhooks; believed for two seconds."""
        if time.monotonic() >= self._gyms_until:
            with answering():
                self._gyms = frozenset(
                    gym.decode() for gym in self._client.execute_command("SMEMBERS", key_names.TOLD_GYMS)
                )
            self._gyms_until = time.monotonic() + _BELIEVED_S
        return self._gyms

    def of(self, gym: str) -> list[Webhook]:
        """The webhooks of a gym, the oldest first."""
        with answering():
            stored = self._client.execute_command("HVALS", key_names.webhooks(gym))
        return sorted(map(_decode, stored), key=lambda webhook: (webhook.created_at, webhook.id))

    def get(self, gym: str, webhook_id: str) -> Webhook:
        """A webhook of a gym. Raises `NotFound`."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.webhooks(gym), webhook_id)
        if stored is None:
            raise NotFound(f"this gym has no webhook {webhook_id!r}")
        return _decode(stored)

    def add(self, gym: str, webhook: Webhook, after: int) -> None:
        """Add a webhook, to be told what comes after a number."""
        with answering():
            # In this order: what is not registered is not looked at, and what is has a place.
            self._client.execute_command("HSET", key_names.webhook_place(gym, webhook.id), "place", after)
            self._client.execute_command("HSET", key_names.webhooks(gym), webhook.id, _encode(webhook))
            self._client.execute_command("SADD", key_names.TOLD_GYMS, gym)
        self._gyms_until = 0.0

    def put(self, gym: str, webhook: Webhook) -> None:
        """Write a webhook anew."""
        with answering():
            self._client.execute_command("HSET", key_names.webhooks(gym), webhook.id, _encode(webhook))

    def remove(self, gym: str, webhook_id: str) -> None:
        """Remove a webhook and all that is kept of its deliveries."""
        with answering():
            self._client.execute_command("HDEL", key_names.webhooks(gym), webhook_id)
            self._client.execute_command("UNLINK", *_keys(gym, webhook_id))

    def progress(self, gym: str, webhooks: Sequence[Webhook]) -> list[Progress]:
        """How far webhooks have been told."""
        pipeline = self._client.pipeline(transaction=False)
        for webhook in webhooks:
            pipeline.execute_command("HMGET", key_names.webhook_place(gym, webhook.id), *_FIELDS)
        with answering():
            return [_progress(values) for values in pipeline.execute()] if webhooks else []

    def advance(
        self,
        gym: str,
        webhook_id: str,
        before: Progress,
        after: Progress,
        changes: Sequence[NumberedChange] | None = None,
        letter: DeadLetter | None = None,
    ) -> bool:
        """Note where a webhook stands now.

        False when somebody else came first, or where the feed is another than was read: it lacks what the message is
        about to end with, or where ``before`` has others than these ``changes``.
        """
        message, said = ("", b"") if letter is None else (letter.message_id, _encode(letter))
        reaches = after.until if after.until != before.until else 0
        digest = "" if changes is None else digest_of(change.json for change in changes)
        arguments: list[Argument] = [before.after, before.until, before.attempts, reaches, digest]
        arguments += [MOST_DEAD, message, said]
        for field, value in zip(_FIELDS, after, strict=True):
            arguments += (field, "" if value is None or (value == 0 and field != "place") else value)
        feed = [key_names.feed(gym), key_names.feed_texts(gym), key_names.feed_ends(gym)]
        return bool(self._deliver([*_keys(gym, webhook_id)[:3], *feed], arguments))

    def note_attempt(self, gym: str, webhook_id: str, attempt: Attempt) -> None:
        """Keep an attempt, beside the newest; after thirty days without another one none is kept."""
        name = key_names.webhook_attempts(gym, webhook_id)
        pipeline = self._client.pipeline(transaction=False)
        pipeline.execute_command("LPUSH", name, _encode(attempt))
        pipeline.execute_command("LTRIM", name, 0, MOST_ATTEMPTS - 1)
        pipeline.execute_command("PEXPIRE", name, _ATTEMPTS_KEPT_MS)
        with answering():
            pipeline.execute()

    def attempts(self, gym: str, webhook_id: str) -> list[Attempt]:
        """The newest attempts to deliver to a webhook, the newest first."""
        with answering():
            stored = self._client.execute_command("LRANGE", key_names.webhook_attempts(gym, webhook_id), 0, -1)
        return list(map(_decode_attempt, stored))

    def lease(self, gym: str, webhook_id: str, taker: str) -> bool:
        """Take the sole right to deliver to a webhook for a while, or keep it; false while another taker has it.

        Replicas that have it have all that was written before, so what the feed holds by now outlives the server.
        """
        return self._leases.take(key_names.webhook_lease(gym, webhook_id), taker)

    def release(self, gym: str, webhook_id: str, taker: str) -> None:
        """Give a lease back, if the taker has it."""
        self._leases.release(key_names.webhook_lease(gym, webhook_id), taker)

    def dead(self, gym: str, webhook_id: str) -> list[DeadLetter]:
        """What could not be delivered to a webhook, the oldest first."""
        with answering():
            stored = self._client.execute_command("HVALS", key_names.dead_letters(gym, webhook_id))
        return sorted(map(_decode_letter, stored), key=lambda letter: letter.last)

    def bury(self, gym: str, webhook_id: str, letter: DeadLetter) -> None:
        """Keep a dead letter as it is now; it waits no longer for being sent again."""
        with answering():
            self._client.execute_command(
                "HSET", key_names.dead_letters(gym, webhook_id), letter.message_id, _encode(letter)
            )
            self._client.execute_command("SREM", key_names.sent_again(gym, webhook_id), letter.message_id)

    def forget(self, gym: str, webhook_id: str, message_id: str) -> None:
        """Forget a dead letter."""
        with answering():
            self._client.execute_command("HDEL", key_names.dead_letters(gym, webhook_id), message_id)
            self._client.execute_command("SREM", key_names.sent_again(gym, webhook_id), message_id)

    def send_again(self, gym: str, webhook_id: str, message_ids: Sequence[str]) -> None:
        """Have dead letters tried once more."""
        if message_ids:
            with answering():
                self._client.execute_command("SADD", key_names.sent_again(gym, webhook_id), *message_ids)

    def to_send_again(self, gym: str, webhook_id: str) -> list[str]:
        """The dead letters that are to be tried once more."""
        with answering():
            names = self._client.execute_command("SMEMBERS", key_names.sent_again(gym, webhook_id))
        return sorted(name.decode() for name in names)


def _keys(gym: str, webhook_id: str) -> list[str]:
    return [
        key_names.webhook_place(gym, webhook_id),
        key_names.dead_letters(gym, webhook_id),
        key_names.sent_again(gym, webhook_id),
        key_names.webhook_lease(gym, webhook_id),
        key_names.webhook_attempts(gym, webhook_id),
    ]


def _progress(values: Sequence[bytes | None]) -> Progress:
    after, until, attempts, next_at, failing_since, error, last_at = values
    return Progress(
        int(after or 0),
        int(until or 0),
        int(attempts or 0),
        int(next_at or 0),
        None if failing_since is None else int(failing_since),
        None if error is None else error.decode(errors="replace"),
        None if last_at is None else int(last_at),
    )
