"""docs/faults.md, 3: a server that takes over lacks the newest changes, and gives their numbers to others."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import ChangesGone
from service.domain.feed import Place
from service.domain.identifiers import LifterRef
from service.domain.webhooks import Webhook
from service.store import key_names
from service.store.connections import connect
from service.store.feeds import Feeds
from service.store.scripts import Script
from service.usecases.gym.feed import before_oldest, newest, read_feed
from service.usecases.rules.publish import publish_rules
from service.usecases.webhooks import manage
from service.usecases.webhooks.deliver import deliver, due
from tests.support.hooks import Received, Receiver, receiving, told, train
from tests.support.proxy import Proxy, Trap
from tests.support.servers import Content, content_of, put_back


@pytest.fixture
def spotter(environment: dict[str, str], services: Services) -> Services:
    """A Spotter that may call this machine."""
    made = bootstrap(Settings.from_environment({**environment, "SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes"}))
    publish_rules(made)
    del services
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def webhook(spotter: Services, gym: str, receiver: Receiver) -> Webhook:
    """A webhook of the test's gym."""
    return manage.add_webhook(spotter, gym, receiver.url)


@pytest.fixture
def proxy(spotter: Services) -> Iterator[Proxy]:
    database = Path(spotter.settings.redis_url.removeprefix("unix://"))
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, Proxy(Path(folder) / "s.sock", database) as made:
        yield made


@pytest.fixture
def deliverer(spotter: Services, environment: dict[str, str], proxy: Proxy) -> Services:
    """The same Spotter, on the other side of the proxy."""
    url = f"unix://{proxy.path}"
    own = {"SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes", "SPOTTER_REDIS_URL": url}
    del spotter
    return bootstrap(Settings.from_environment({**environment, **own}))


def in_feed(services: Services, gym: str) -> list[str]:
    return [json.loads(change.json)["lifter"] for change in services.feeds.read(gym, 0, 100)]


def noting(services: Services) -> bytes:
    """What tells the command that notes where a webhook stands from others."""
    return Script(connect(services.settings.redis_url), "deliver").sha.encode()


@pytest.mark.usefixtures("webhook")
def test_where_a_message_ends_is_not_noted_over_a_feed_without_its_changes(
    spotter: Services,
    deliverer: Services,
    proxy: Proxy,
    gym: str,
    receiver: Receiver,
    valkey: redis.Redis,
) -> None:
    """It was read of one server, noted on the next, and what that tells from then on had its numbers."""
    train(spotter, gym, "ann")
    before = content_of(valkey)
    train(spotter, gym, "bob")

    def go_on(_: Received) -> int:
        receiver.answer = lambda _: 204
        train(spotter, gym, "cem", "dan")
        return 204

    receiver.answer = go_on
    proxy.set_trap(Trap((noting(spotter),), "python", "not sent", lambda _: put_back(valkey, before)))
    deliver(deliverer)
    assert proxy.sprung.is_set()
    assert in_feed(spotter, gym) == told(receiver.received) == ["ann", "cem", "dan"]


def test_a_delivery_is_not_noted_over_other_changes(
    spotter: Services,
    deliverer: Services,
    proxy: Proxy,
    gym: str,
    webhook: Webhook,
    receiver: Receiver,
    valkey: redis.Redis,
) -> None:
    """They are delivered as well, in a message of another id, for receivers that remember ids."""
    train(spotter, gym, "ann")
    before = content_of(valkey)
    train(spotter, gym, "bob")

    def fail_over(_: Received) -> int:
        def take_over(_: int) -> None:
            place = key_names.webhook_place(gym, webhook.id)
            progress = valkey.dump(place) or b""
            put_back(valkey, before)
            train(spotter, gym, "cem")
            valkey.restore(place, 0, progress, replace=True)

        receiver.answer = lambda _: 204
        proxy.set_trap(Trap((noting(spotter),), "python", "not sent", take_over))
        return 204

    receiver.answer = fail_over
    deliver(deliverer)
    assert proxy.sprung.is_set()
    assert (in_feed(spotter, gym), told(receiver.received)) == (["ann", "cem"], ["ann", "bob", "ann", "cem"])
    assert len({message.message_id for message in receiver.received}) == len(receiver.received) == 2
    assert due(spotter) == []


def test_a_webhook_ahead_of_its_feed_is_told_it_from_the_beginning(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, valkey: redis.Redis
) -> None:
    """So stands one whose database was put back without it, or that was made of one server and put on another."""
    train(spotter, gym, "ann")
    valkey.hset(key_names.webhook_place(gym, webhook.id), "place", 7)
    assert deliver(spotter) == 1
    assert told(receiver.received) == ["ann"]
    assert manage.dead_letters(spotter, gym, webhook.id) == []


def test_a_place_in_a_feed_is_gone_when_another_change_has_its_number(
    spotter: Services, gym: str, valkey: redis.Redis
) -> None:
    train(spotter, gym, "ann")
    before = content_of(valkey)
    train(spotter, gym, "bob")
    last = read_feed(spotter, gym, before_oldest(spotter, gym), 10).changes[-1].place
    assert newest(spotter, gym) == last
    put_back(valkey, before)
    with pytest.raises(ChangesGone):
        read_feed(spotter, gym, last, 10)
    train(spotter, gym, "cem", "dan")
    with pytest.raises(ChangesGone):
        read_feed(spotter, gym, last, 10)
    assert [change.number for change in read_feed(spotter, gym, Place(last.number), 10).changes] == [last.number + 1]


def test_a_place_whose_change_was_erased_or_trimmed_is_one_yet(spotter: Services, gym: str) -> None:
    train(spotter, gym, "ann", "bob")
    first, second = read_feed(spotter, gym, before_oldest(spotter, gym), 10).changes
    spotter.feeds.forget(LifterRef(gym, "bob"))
    assert read_feed(spotter, gym, second.place, 10).changes == []
    few = replace(spotter, feeds=Feeds(connect(spotter.settings.redis_url), kept=2))
    train(few, gym, "cem")
    assert [change.number for change in read_feed(few, gym, first.place, 10).changes] == [3]


def test_what_is_carried_leaves_its_outbox_as_it_comes_into_the_feed(
    spotter: Services, deliverer: Services, proxy: Proxy, gym: str, valkey: redis.Redis
) -> None:
    """Between the two, a server that has the change in its outbox could take over from one that has it in the feed."""
    seen: list[Content] = []
    taking_out = Trap((b"XDEL",), "python", "not sent", lambda _: seen.append(content_of(valkey)))
    proxy.set_trap(taking_out)
    train(deliverer, gym, "ann")
    assert not proxy.sprung.is_set()
    assert in_feed(spotter, gym) == ["ann"]
    assert spotter.feeds.waiting() == []
