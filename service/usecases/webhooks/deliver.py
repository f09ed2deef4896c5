"""Delivering to webhooks, and retrying: what the deliverer does when it is woken.

A webhook gets its messages in order; each is sent, and again after the delays of `service.domain.webhooks`, till taken.

May be killed anywhere: where a webhook stands is moved on only after the answer, so a message is sent at least once,
and again under the same id with the same changes.
"""

from __future__ import annotations

import random
import secrets
import time
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from service import logs
from service.domain.errors import ChangesGone, NotFound, Unavailable
from service.domain.feed import NumberedChange, change_json, mark_of
from service.domain.instants import SECOND, Instant
from service.domain.webhooks import GIVEN_UP_AFTER, Attempt, DeadLetter, Progress, Webhook, delay_after, signature
from service.outgoing.posting import NotDelivered, post
from service.usecases.services import Services

THREADS: Final = 256
"""Webhooks that are told at once; mostly they wait for an answer, and threads are made only when needed."""

OF_A_GYM: Final = 4
"""Of them at most those of one gym: however slow its receivers are, the others' webhooks find a thread."""

CHANGES_PER_MESSAGE: Final = 20
"""So that a message stays under the 20 kB or so that the specification advises."""

_TURN_S: Final = 10.0
"""After this long with one webhook others have a turn."""

_LOOK_AGAIN_S: Final = 0.25
"""How soon it is looked who else is due while some take their time."""

_LEFT_ALONE_S: Final = 1.0
"""How long a webhook is left to whoever else is at it, or until the trouble with it is over."""

_AGENT: Final = "Spotter/1 (+webhooks)"

_log = logs.logger("spotter.deliver")


class Due(NamedTuple):
    """A webhook for which there is something to do now."""

    gym: str
    webhook: Webhook


def due(services: Services) -> list[Due]:
    """The webhooks that have something to be told, or to be told again, and need not wait for it."""
    now = services.clock()
    found = []
    for gym in sorted(services.webhooks.gyms()):
        webhooks = [webhook for webhook in services.webhooks.of(gym) if webhook.disabled_at is None]
        record = services.gyms.find(gym) if webhooks else None
        if not webhooks or (record is not None and record.suspended_at is not None):
            continue
        _, newest = services.feeds.ends(gym)
        for webhook, progress in zip(webhooks, services.webhooks.progress(gym, webhooks), strict=True):
            # A place ahead of its feed, as a database put back may have, must not wait until that has grown.
            waits = progress.after != newest and progress.next_at <= now
            if waits or services.webhooks.to_send_again(gym, webhook.id):
                found.append(Due(gym, webhook))
    return found


def deliver(services: Services, taker: str | None = None) -> int:
    """Tell every webhook what is due until none is, each as if it were alone; how many messages were delivered.

    ``taker`` names who does it: the same one takes up at once what it left behind when a server was away.
    """
    taker, delivered = taker or secrets.token_hex(8), 0
    under_way: dict[Future[int | None], Due] = {}
    left_alone: dict[str, float] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
        while True:
            services.wake.keep_deliverer_awake()
            alone = {webhook for webhook, until in left_alone.items() if time.monotonic() < until}
            for each in _next_to_tell(due(services), under_way.values(), alone):
                under_way[pool.submit(_deliver_to, services, taker, *each)] = each
            if not under_way:
                break
            done, _ = wait(under_way, _LOOK_AGAIN_S, FIRST_COMPLETED)
            for future in done:
                told, count = under_way.pop(future), future.result()
                delivered += count or 0
                if count is None:
                    left_alone[told.webhook.id] = time.monotonic() + _LEFT_ALONE_S
    services.wake.let_deliverer_sleep()
    return delivered


def _next_to_tell(found: Sequence[Due], under_way: Collection[Due], left_alone: Collection[str]) -> list[Due]:
    """Those of ``found`` to begin with now: none twice at once, and of no gym more than its share of threads."""
    busy = Counter(each.gym for each in under_way)
    not_now = {each.webhook.id for each in under_way} | set(left_alone)
    begun = []
    for each in found:
        if each.webhook.id not in not_now and busy[each.gym] < OF_A_GYM:
            busy[each.gym] += 1
            begun.append(each)
    return begun


def _deliver_to(services: Services, taker: str, gym: str, webhook: Webhook) -> int | None:
    """Tell a webhook what is due; how many messages it took, None if somebody else is telling it just now."""
    try:
        return _Delivery(services, taker, gym, webhook).run()
    except NotFound:  # it was removed meanwhile
        return None
    except Unavailable as error:
        _log.warning("cannot deliver", gym=gym, webhook=webhook.id, why=error.in_full)
        return None
    except Exception:  # noqa: BLE001 - logged, and tried again when the sweeper wakes somebody
        _log.exception("cannot deliver", gym=gym, webhook=webhook.id)
        return None
    finally:
        with suppress(Unavailable):  # the same taker takes it again
            services.webhooks.release(gym, webhook.id, taker)


class _Delivery:
    """A turn with one webhook."""

    def __init__(self, services: Services, taker: str, gym: str, webhook: Webhook) -> None:
        self._services = services
        self._taker = taker
        self._gym = gym
        self._webhook = webhook

    def run(self) -> int | None:
        """Tell what is due; how many messages were taken, None where somebody else has the lease."""
        if not self._holds_lease():
            return None
        delivered = self._send_again()
        ends = time.monotonic() + _TURN_S
        while time.monotonic() < ends and self._holds_lease():
            self._webhook = self._services.webhooks.get(self._gym, self._webhook.id)
            took = self._next()
            if took is None:
                break
            delivered += took
        return delivered

    def _holds_lease(self) -> bool:
        return self._services.webhooks.lease(self._gym, self._webhook.id, self._taker)

    def _next(self) -> int | None:
        """The next message: 1 if it was taken, 0 if something else moved on, None if there is nothing to do now."""
        services, gym, webhook = self._services, self._gym, self._webhook
        (progress,) = services.webhooks.progress(gym, [webhook])
        if webhook.disabled_at is not None or progress.next_at > services.clock():
            return None
        try:
            changes = services.feeds.read(gym, progress.after, CHANGES_PER_MESSAGE)
        except ChangesGone as error:
            return self._lost(progress, str(error))
        if not progress.until:
            return self._begin(progress, changes)
        return self._attempt(progress, [change for change in changes if change.number <= progress.until])

    def _begin(self, progress: Progress, changes: Sequence[NumberedChange]) -> int | None:
        """Settle where the next message ends before it is first tried, so that every attempt says the same."""
        _, newest = self._services.feeds.ends(self._gym)
        until = changes[-1].number if changes else newest
        return self._moved(progress, progress._replace(until=until)) if until > progress.after else None

    def _attempt(self, progress: Progress, changes: Sequence[NumberedChange]) -> int:
        if not changes:  # all that the message would have told is of lifters who were erased since
            return self._moved(progress, Progress(progress.until, last_at=progress.last_at), changes)
        message_id = _message_id(self._webhook, progress.until, changes)
        message = _Message(message_id, changes[0].number, progress.until, progress.attempts + 1)
        try:
            self._post(message, changes)
        except NotDelivered as error:
            self._failed(progress, error, changes)
            return 0
        return 1 + self._moved(progress, Progress(progress.until, last_at=self._services.clock()), changes)

    def _moved(
        self,
        before: Progress,
        after: Progress,
        changes: Sequence[NumberedChange] | None = None,
        letter: DeadLetter | None = None,
    ) -> int:
        self._services.webhooks.advance(self._gym, self._webhook.id, before, after, changes, letter)
        return 0

    def _failed(self, progress: Progress, error: NotDelivered, changes: Sequence[NumberedChange]) -> None:
        services, gym, webhook = self._services, self._gym, self._webhook
        now, attempts = services.clock(), progress.attempts + 1
        since = progress.failing_since or now
        wait = delay_after(attempts, random.random())  # noqa: S311 - it only spreads attempts
        tried = progress._replace(failing_since=since, error=str(error))
        if error.gone or now - since >= GIVEN_UP_AFTER:
            because = str(error) if error.gone else f"nothing was taken for {GIVEN_UP_AFTER // (3600 * SECOND)} hours"
            if services.webhooks.advance(gym, webhook.id, progress, tried._replace(attempts=0, next_at=0)):
                services.webhooks.put(gym, replace(webhook, disabled_at=now, disabled_because=because))
        elif wait is not None:
            self._moved(progress, tried._replace(attempts=attempts, next_at=now + wait))
        else:
            message_id = _message_id(webhook, progress.until, changes)
            letter = DeadLetter(message_id, changes[0].number, progress.until, attempts, now, str(error))
            moved = Progress(progress.until, failing_since=since, error=str(error), last_at=progress.last_at)
            self._moved(progress, moved, changes, letter)

    def _lost(self, progress: Progress, why: str) -> int:
        """Go on after changes that the feed keeps no longer, of which a dead letter tells; anew where it is another."""
        oldest, _ = self._services.feeds.ends(self._gym)
        moved = progress._replace(after=oldest, until=0, attempts=0)
        if progress.after > oldest:
            return self._moved(progress, moved)
        message_id = _message_id(self._webhook, oldest, [])
        letter = DeadLetter(message_id, progress.after + 1, oldest, progress.attempts, self._services.clock(), why)
        return self._moved(progress, moved, letter=letter)

    def _send_again(self) -> int:
        """Try the dead letters once more that somebody asked for; how many were taken."""
        services, gym, webhook = self._services, self._gym, self._webhook
        asked = services.webhooks.to_send_again(gym, webhook.id)
        letters = {letter.message_id: letter for letter in services.webhooks.dead(gym, webhook.id) if asked}
        taken = 0
        for message_id in asked:
            letter = letters.get(message_id)
            if letter is None:  # it made room for others meanwhile
                services.webhooks.forget(gym, webhook.id, message_id)
                continue
            if not self._holds_lease():
                break
            try:
                changes = services.feeds.read(gym, letter.first - 1, CHANGES_PER_MESSAGE)
                message = _Message(letter.message_id, letter.first, letter.last, letter.attempts + 1)
                self._post(message, [change for change in changes if change.number <= letter.last])
            except (NotDelivered, ChangesGone) as error:
                failed = replace(letter, attempts=letter.attempts + 1, failed_at=services.clock(), error=str(error))
                services.webhooks.bury(gym, webhook.id, failed)
            else:
                services.webhooks.forget(gym, webhook.id, letter.message_id)
                taken += 1
        return taken

    def _post(self, message: _Message, changes: Sequence[NumberedChange]) -> None:
        """Try once, and keep what came of it; raises `NotDelivered`."""
        at, began = self._services.clock(), time.monotonic()

        def note(said: str, *, taken: bool) -> None:
            attempt = Attempt(*message, at, round(1000 * (time.monotonic() - began)), said, taken=taken)
            with suppress(Unavailable):  # what counts is noted beside it
                self._services.webhooks.note_attempt(self._gym, self._webhook.id, attempt)

        try:
            status = self._sent(message.id, changes, at)
        except NotDelivered as error:
            note(str(error), taken=False)
            raise
        note(f"answered {status}", taken=True)

    def _sent(self, message_id: str, changes: Sequence[NumberedChange], now: Instant) -> int:
        documents = [msgspec.Raw(change_json(change)) for change in changes]
        happened = msgspec.json.decode(changes[-1].json)["at"] if changes else None
        document = {"type": "prescriptions.changed", "timestamp": happened, "data": {"changes": documents}}
        body = msgspec.json.encode(document)
        timestamp = now // SECOND
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._webhook.secrets(now), message_id, timestamp, body),
        }
        return post(self._webhook.url, body, headers, private=self._services.settings.private_targets)


class _Message(NamedTuple):
    """What is tried: a message, the numbers of its first and last change, and which attempt at it this is."""

    id: str
    first: int
    last: int
    number: int


def _message_id(webhook: Webhook, last: int, changes: Sequence[NumberedChange]) -> str:
    """Names the message that ends with a change; the same however often it is sent, and no other that ends there."""
    return f"msg_{webhook.id.removeprefix('wh_')}_{last}_{mark_of(*(change.json for change in changes))}"
