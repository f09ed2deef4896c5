"""Webhooks on real servers: signed, in order, at least once, tried again, given up in the open, to no bad place."""

import json
import socket
import tempfile
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import InvalidInput, NotFound, TooManyWebhooks
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, HOUR, Instant
from service.domain.webhooks import DELAYS, MOST_PER_GYM, Webhook, signature
from service.outgoing import posting, targets
from service.outgoing.posting import NotDelivered, post
from service.outgoing.targets import TargetRefused, is_public, resolve
from service.store import key_names, webhooks
from service.store.connections import connect
from service.store.feeds import Feeds
from service.store.scripts import Script
from service.usecases.gym.gyms import remove_gym
from service.usecases.lifter.erase import erase
from service.usecases.rules.publish import publish_rules
from service.usecases.webhooks import manage
from service.usecases.webhooks.deliver import OF_A_GYM, deliver, due
from tests.support.hooks import Received, Receiver, receiving, told, train
from tests.support.proxy import Proxy, Trap
from tests.support.running import eventually


class Clock:
    """The time, as the test has it."""

    def __init__(self) -> None:
        self.now: Instant = time.time_ns() // 1000  # the library that verifies knows what time it is

    def __call__(self) -> Instant:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spotter(environment: dict[str, str], services: Services, clock: Clock) -> Services:
    """A Spotter that may call this machine."""
    made = bootstrap(Settings.from_environment({**environment, "SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes"}))
    publish_rules(made)
    del services
    return replace(made, clock=clock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def webhook(spotter: Services, gym: str, receiver: Receiver) -> Webhook:
    """A webhook of the test's gym."""
    return manage.add_webhook(spotter, gym, receiver.url)


def state(services: Services, gym: str, webhook: Webhook) -> manage.WebhookSeen:
    return manage.see_webhook(services, gym, webhook.id)


def test_changes_are_delivered_in_order_and_signed(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver
) -> None:
    train(spotter, gym, "ann", "bob", "cem")
    assert deliver(spotter) == 1
    (message,) = receiver.received
    assert told([message]) == ["ann", "bob", "cem"]
    assert message.path == "/hook?from=spotter"
    feed = spotter.feeds.read(gym, 0, 10)
    assert [{**change, "change_id": None} for change in message.changes] == [
        {"change_id": None, **json.loads(change)} for _, change in feed
    ]
    assert Standard(webhook.secret).verify(message.body.decode(), message.headers)["type"] == "prescriptions.changed"
    with pytest.raises(WebhookVerificationError):
        Standard(webhook.secret).verify(message.body.decode() + " ", message.headers)
    assert due(spotter) == []
    assert (state(spotter, gym, webhook).behind, deliver(spotter)) == (0, 0)


def test_a_rotated_secret_and_the_one_before_sign_for_a_day(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    rotated = manage.rotate_secret(spotter, gym, webhook.id)
    assert rotated.secret != webhook.secret
    train(spotter, gym, "ann")
    deliver(spotter)
    clock.now += DAY
    train(spotter, gym, "bob")
    deliver(spotter)
    both, *after = [message.headers["webhook-signature"].split() for message in receiver.received]
    assert len(both) == 2
    assert {len(each) for each in after} == {1}
    known = [secret for secret in (rotated.secret, webhook.secret) for each in both if _signs(secret, each, receiver)]
    assert known == [rotated.secret, webhook.secret]


def _signs(secret: str, wanted: str, receiver: Receiver) -> bool:
    message = receiver.received[0]
    timestamp = int(message.headers["webhook-timestamp"])
    return signature([secret], message.message_id, timestamp, message.body) == wanted


def test_a_message_that_fails_is_tried_again_as_it_was_and_holds_back_the_next(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = lambda _: 500
    train(spotter, gym, "ann")
    assert deliver(spotter) == 0
    seen = state(spotter, gym, webhook)
    assert (seen.progress.attempts, seen.progress.error, seen.progress.failing_since) == (1, "answered 500", clock.now)
    assert due(spotter) == [], "not before its time"
    train(spotter, gym, "bob")
    clock.now += DELAYS[0] * 2
    receiver.answer = lambda _: 200
    assert deliver(spotter) == 2
    first, again, second = receiver.received
    assert (first.message_id, first.body) == (again.message_id, again.body)
    assert told([again, second]) == ["ann", "bob"]
    assert first.message_id != second.message_id
    assert state(spotter, gym, webhook).progress.failing_since is None
    newest, retried, failed = manage.attempts(spotter, gym, webhook.id)
    assert [(each.number, each.said, each.taken) for each in (newest, retried, failed)] == [
        (1, "answered 200", True),
        (2, "answered 200", True),
        (1, "answered 500", False),
    ]
    assert (failed.message_id, failed.first, failed.last) == (retried.message_id, 1, 1) == (first.message_id, 1, 1)
    assert (failed.at, retried.at) == (clock.now - DELAYS[0] * 2, clock.now)


def test_attempts_that_are_kept_are_bounded(
    spotter: Services,
    gym: str,
    webhook: Webhook,
    receiver: Receiver,
    valkey: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhooks, "MOST_ATTEMPTS", 2)
    for lifter in ("ann", "bob", "cem"):
        train(spotter, gym, lifter)
        deliver(spotter)
    assert [each.first for each in manage.attempts(spotter, gym, webhook.id)] == [3, 2]
    assert len(receiver.received) == 3
    assert valkey.ttl(key_names.webhook_attempts(gym, webhook.id)) > 0
    manage.remove_webhook(spotter, gym, webhook.id)
    assert not valkey.exists(key_names.webhook_attempts(gym, webhook.id))


def test_a_message_that_is_never_taken_becomes_a_dead_letter_and_can_be_sent_again(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    train(spotter, gym, "ann")
    poison = "ann"
    receiver.answer = lambda message: 500 if poison in told([message]) else 200
    for delay in (*DELAYS, 0):
        deliver(spotter)
        clock.now += 2 * delay
    train(spotter, gym, "bob")
    assert deliver(spotter) >= 1
    (letter,) = manage.dead_letters(spotter, gym, webhook.id)
    assert (letter.message_id, letter.attempts) == (receiver.received[0].message_id, len(DELAYS) + 1)
    manage.send_again(spotter, gym, webhook.id, letter.message_id)
    assert deliver(spotter) == 0
    (still,) = manage.dead_letters(spotter, gym, webhook.id)
    assert still.attempts == letter.attempts + 1
    assert due(spotter) == [], "once for each time that it is asked"
    poison = "nobody"
    manage.send_again(spotter, gym, webhook.id)
    assert deliver(spotter) == 1
    assert receiver.received[-1].body == receiver.received[0].body
    assert manage.dead_letters(spotter, gym, webhook.id) == []
    with pytest.raises(NotFound):
        manage.send_again(spotter, gym, webhook.id, letter.message_id)


def test_a_webhook_that_takes_nothing_for_three_days_is_disabled_and_goes_on_where_it_was(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = lambda _: 503
    for hour in range(80):
        if hour % 8 == 0:
            train(spotter, gym, f"lifter-{hour}")
        deliver(spotter)
        clock.now += HOUR
    seen = state(spotter, gym, webhook)
    assert seen.webhook.disabled_at is not None
    assert due(spotter) == []
    receiver.answer = lambda _: 200
    train(spotter, gym, "bob")
    before = len(receiver.received)
    assert deliver(spotter) == 0
    assert manage.take_up(spotter, gym, webhook.id).webhook.disabled_at is None
    assert deliver(spotter) >= 1
    assert "bob" in told(receiver.received[before:])


def test_gone_means_gone(spotter: Services, gym: str, webhook: Webhook, receiver: Receiver) -> None:
    receiver.answer = lambda _: 410
    train(spotter, gym, "ann")
    deliver(spotter)
    assert state(spotter, gym, webhook).webhook.disabled_because == "answered 410"
    assert len(receiver.received) == 1


def test_a_redirect_is_not_followed(spotter: Services, gym: str, webhook: Webhook, receiver: Receiver) -> None:
    receiver.answer = lambda _: 302
    receiver.headers = {"Location": receiver.url.replace("/hook", "/elsewhere")}
    train(spotter, gym, "ann")
    assert deliver(spotter) == 0
    assert [message.path for message in receiver.received] == ["/hook?from=spotter"]
    assert "redirects are not followed" in str(state(spotter, gym, webhook).progress.error)


def test_two_at_once_send_each_message_once(spotter: Services, gym: str, webhook: Webhook, receiver: Receiver) -> None:
    train(spotter, gym, *(f"lifter-{number}" for number in range(6)))
    workers = [threading.Thread(target=deliver, args=(spotter,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    deliver(spotter)
    assert len({message.message_id for message in receiver.received}) == len(receiver.received)
    assert len(told(receiver.received)) == 6
    assert state(spotter, gym, webhook).behind == 0


def test_no_gym_waits_for_the_slow_receivers_of_others(spotter: Services, gym: str, receiver: Receiver) -> None:
    """docs/faults.md, 27."""
    slow_gyms = [f"{gym}-slow-{number}" for number in range(6)]
    slow_ones_answer = threading.Event()

    def answer_late(_: Received) -> int:
        slow_ones_answer.wait()
        return 204

    with receiving() as slow:
        slow.answer = answer_late
        for slow_gym in slow_gyms:
            for _ in range(OF_A_GYM + 1):
                manage.add_webhook(spotter, slow_gym, slow.url)
            train(spotter, slow_gym, "sue")
        manage.add_webhook(spotter, gym, receiver.url)
        deliverer = threading.Thread(target=deliver, args=(spotter,))
        try:
            train(spotter, gym, "ann")
            deliverer.start()
            eventually(lambda: told(receiver.received) == ["ann"], "the quick one is told")
            train(spotter, gym, "bob")  # while all the others are still waited for
            eventually(lambda: told(receiver.received) == ["ann", "bob"], "and again")
            assert slow.received == []
        finally:
            slow_ones_answer.set()
            deliverer.join()
        assert len({message.message_id for message in slow.received}) == len(slow_gyms) * (OF_A_GYM + 1)
        assert due(spotter) == []


def test_who_is_killed_after_the_answer_sends_the_same_again(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, valkey: redis.Redis
) -> None:
    """Nothing but the answer moves a webhook on, so what is lost with a worker is at most that it came."""
    train(spotter, gym, "ann")
    (before,) = spotter.webhooks.progress(gym, [webhook])
    deliver(spotter)
    valkey.hset(key_names.webhook_place(gym, webhook.id), mapping={"place": before.after, "until": 1})
    valkey.set(key_names.webhook_lease(gym, webhook.id), "the killed one's", px=60_000)
    assert deliver(spotter) == 0, "not while it may be alive"
    valkey.delete(key_names.webhook_lease(gym, webhook.id))  # it ran out
    train(spotter, gym, "bob")
    assert deliver(spotter) == 2
    first, again, _ = receiver.received
    assert (first.message_id, first.body) == (again.message_id, again.body)


def test_a_lost_reply_leaves_no_webhook_alone(
    spotter: Services, environment: dict[str, str], gym: str, webhook: Webhook, receiver: Receiver
) -> None:
    """docs/faults.md, 2: the lease is taken, nobody hears of it, and it is asked for again."""
    del webhook
    database = Path(spotter.settings.redis_url.removeprefix("unix://"))
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, Proxy(Path(folder) / "s.sock", database) as proxy:
        private = {"SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes", "SPOTTER_REDIS_URL": f"unix://{proxy.path}"}
        deliverer = bootstrap(Settings.from_environment({**environment, **private}))
        train(spotter, gym, "ann")
        taking = Script(connect(spotter.settings.redis_url), "lease").sha.encode()
        proxy.set_trap(Trap((taking,), "python", "answered", lambda _: None))
        assert deliver(deliverer) == 1
        assert proxy.sprung.is_set()
    assert told(receiver.received) == ["ann"]


def test_who_has_no_lease_gives_none_back(spotter: Services, gym: str, webhook: Webhook, valkey: redis.Redis) -> None:
    lease = key_names.webhook_lease(gym, webhook.id)
    valkey.set(lease, "another's")
    assert not spotter.webhooks.lease(gym, webhook.id, "mine")
    spotter.webhooks.release(gym, webhook.id, "mine")
    assert valkey.get(lease) == b"another's"


def test_an_erased_lifters_changes_are_delivered_to_nobody(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver
) -> None:
    train(spotter, gym, "ann", "bob")
    erase(spotter, LifterRef(gym, "ann"), by="k_admin")
    deliver(spotter)
    assert told(receiver.received) == ["bob"]
    erase(spotter, LifterRef(gym, "bob"), by="k_admin")
    assert (deliver(spotter), due(spotter)) == (0, [])
    assert state(spotter, gym, webhook).behind == 0


def test_changes_that_were_not_kept_are_said_to_be_lost(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver
) -> None:
    few = replace(spotter, feeds=Feeds(connect(spotter.settings.redis_url), kept=1))
    train(few, gym, "ann", "bob", "cem")
    deliver(few)
    (letter,) = manage.dead_letters(few, gym, webhook.id)
    assert (letter.first, letter.last) == (1, 2)
    assert "gone" in letter.error
    assert told(receiver.received) == ["cem"]


def test_gyms_are_told_of_their_own_only(spotter: Services, gym: str, webhook: Webhook, receiver: Receiver) -> None:
    train(spotter, f"{gym}-2", "theirs")
    deliver(spotter)
    assert receiver.received == []
    for ask in (manage.see_webhook, manage.rotate_secret, manage.take_up, manage.remove_webhook):
        with pytest.raises(NotFound):
            ask(spotter, f"{gym}-2", webhook.id)


def test_a_removed_webhook_leaves_nothing(
    spotter: Services, gym: str, webhook: Webhook, receiver: Receiver, valkey: redis.Redis
) -> None:
    train(spotter, gym, "ann")
    manage.remove_webhook(spotter, gym, webhook.id)
    assert deliver(spotter) == 0
    assert receiver.received == []
    assert [key for key in valkey.scan_iter() if webhook.id.encode() in key] == []


def test_a_removed_gym_leaves_no_webhook_and_nothing_in_its_feed(
    spotter: Services, gym: str, webhook: Webhook, valkey: redis.Redis
) -> None:
    spotter.keys.add(gym, f"key-of-{gym}", created_at=0)
    train(spotter, gym, "ann")
    erase(spotter, LifterRef(gym, "ann"), by="k_admin")
    remove_gym(spotter, gym)
    assert [key for key in valkey.scan_iter() if webhook.id.encode() in key] == []
    assert spotter.feeds.read(gym, 0, 10) == []


def test_a_gym_has_only_so_many(spotter: Services, gym: str, receiver: Receiver) -> None:
    for _ in range(MOST_PER_GYM):
        manage.add_webhook(spotter, gym, receiver.url)
    with pytest.raises(TooManyWebhooks):
        manage.add_webhook(spotter, gym, receiver.url)


# Where a webhook may lead


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - that nothing connects to it is what is shown
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:808:808::1",
        "::7f00:1",
        "::808:808",
        "192.0.0.192",
        "192.0.0.9",
        "192.88.99.1",
        "198.18.0.1",
        "192.31.196.1",
        "fec0::1",
        "fc00::1",
        "100::1",
        "5f00::1",
        "2001::1",
        "2001:db8::1",
        "2620:4f:8000::1",
        "3fff::1",
        "64:ff9b:1::808:808",
        "::ffff:192.0.0.192",
        "64:ff9b::c000:c0",
        "fe80::1%eth0",
        "nonsense",
    ],
)
def test_addresses_that_are_nobodys_business(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"]
)
def test_addresses_on_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "must begin with https://"),
        ("ftp://example.com/", "must begin with https://"),
        ("https://", "must name a host"),
        ("https://user:secret@127.0.0.1/", "no user"),
        ("https://127.0.0.1/#part", "no fragment"),
        ("https://127.0.0.1:99999/", "must be a URL"),
        ("https://exa mple.com/", "everything else than ASCII escaped"),
        ("https://bücher.example/", "everything else than ASCII escaped"),
        ("https://127.0.0.1/", "not a public address"),
        ("https://localhost/", "not a public address"),
        ("https://[::1]:8443/", "not a public address"),
        ("https://2130706433/", "not a public address"),
        ("https://0x7f.1/", "not a public address"),
        ("https://nobody.invalid/", "does not resolve"),
    ],
)
def test_urls_that_are_refused_when_a_webhook_is_made(services: Services, gym: str, url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        manage.add_webhook(services, gym, url)


def test_a_host_that_leads_elsewhere_by_now_is_not_called(
    services: Services, gym: str, spotter: Services, webhook: Webhook, receiver: Receiver
) -> None:
    """Made while it led to a public address, as it were; what counts is where it leads when it is called."""
    train(spotter, gym, "ann")
    strict = replace(spotter, settings=services.settings)
    assert deliver(strict) == 0
    assert receiver.received == []
    assert "not a public address" in str(state(strict, gym, webhook).progress.error)


def test_the_address_that_was_looked_at_is_the_one_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = posting.port_of(receiver.url)[1]
    asked: list[str] = []

    def looked_up(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "203.0.113.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    connected: list[tuple[str, int]] = []

    def connect_to(address: tuple[str, int], *rest: float) -> socket.socket:
        connected.append(address)
        with socket.socket() as made:
            made.settimeout(*rest)
            made.connect(address)
            return made.dup()

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(socket, "create_connection", connect_to)
    assert post(f"http://shifty.example:{port}/", b"{}", {}, private=True) == 204
    assert (asked, connected) == (["shifty.example"], [("127.0.0.1", port)])
    assert receiver.received[0].headers["host"] == f"shifty.example:{port}"


def test_of_several_addresses_each_must_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(TargetRefused, match=r"10\.0\.0\.1"):
        resolve("half.example", 443, private=False)


def test_an_answer_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip() -> None:
            client, _ = server.accept()
            with client:
                while not stop.wait(0.05):
                    try:
                        client.send(b"HTTP/1.1 200 OK\r\nX: " if stop.is_set() else b"H")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(NotDelivered, match="no answer"):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, private=True)
        stop.set()
        dripping.join()


def test_a_handshake_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_S", 0.3)
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00")  # 16 KiB of handshake follow
            while True:
                connection.sendall(b"\x02")
                time.sleep(0.05)

    thread = threading.Thread(target=drip)
    thread.start()
    with server, pytest.raises(NotDelivered, match="no answer: it took too long"):
        post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, private=True)
    thread.join()


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(targets, "LOOK_UP_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [*range(not answers.wait())])
    try:
        with pytest.raises(NotDelivered, match=r"the host 'gym\.example' did not resolve within"):
            post("https://gym.example/hook", b"{}", {}, private=True)
    finally:
        answers.set()


def test_who_has_no_certificate_for_its_name_is_told_nothing(receiver: Receiver) -> None:
    with pytest.raises(NotDelivered, match="SSL"):
        post(receiver.url.replace("http:", "https:"), b"{}", {}, private=True)
    assert receiver.received == []


def test_a_secret_is_written_as_the_specification_says(webhook: Webhook) -> None:
    assert webhook.secret.startswith("whsec_")
    assert 24 <= len(b64decode(webhook.secret.removeprefix("whsec_"))) <= 64
