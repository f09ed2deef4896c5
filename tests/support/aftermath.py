"""What must hold after anything was killed: nothing acknowledged or told is lost or doubled, states are replays."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from service.bootstrap import Services
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.domain.log_entry import LogEntry
from service.store import key_names
from service.usecases.projection.drain import drain, rebuild, replay_lag
from tests.support.running import eventually
from tests.support.waking import await_told
from tests.support.writers import Acknowledged


def check(services: Services, acknowledged: Iterable[Acknowledged]) -> None:
    """Fail unless every acknowledged event is logged once, where it was said to be, and every state is its replay."""
    assert lost(services, acknowledged) == []
    check_states(services)


def lost(services: Services, acknowledged: Iterable[Acknowledged]) -> list[Acknowledged]:
    """Give those that are not logged where they were said to be; fails where an event is logged twice."""
    missing = []
    by_lifter: defaultdict[str, list[Acknowledged]] = defaultdict(list)
    for event in acknowledged:
        by_lifter[event.lifter].append(event)
    assert by_lifter
    for name, events in by_lifter.items():
        logged = [(entry.event.event_id, entry.version) for entry in _log(services, LifterRef(DEFAULT_GYM, name))]
        assert [event_id for event_id, count in Counter(event_id for event_id, _ in logged).items() if count > 1] == []
        where = dict(logged)
        missing += [event for event in events if where.get(event.event_id) != event.version]
    return missing


def check_states(services: Services) -> None:
    """Fail unless every state is its log's replay, and every change of it stands in the feed, once and in order."""
    eventually(lambda: replay_lag(services).lifters == 0, "every projection is up to date")
    for lifter in services.log.lifters():
        projected = services.projections.load(lifter)
        rebuild(services, lifter)
        assert services.projections.load(lifter) == projected
    assert services.projections.parked() == 0
    eventually(lambda: services.feeds.waiting() == [], "every change is in its feed")
    told, again = _told(services), _told_from_nothing(services)
    assert told.keys() == again.keys()
    for name, changes in told.items():
        assert changes == again[name][: len(changes)]
        assert {change["cause"]["type"] for change in again[name][len(changes) :]} <= {"time"}


def _log(services: Services, lifter: LifterRef) -> Iterator[LogEntry]:
    after = 0
    while page := services.log.read(lifter, after):
        yield from page
        after = page[-1].version


def _told(services: Services) -> dict[str, list[dict[str, Any]]]:
    """What the feed tells of each lifter, in order."""
    told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    numbers, after = [], 0
    while page := services.feeds.read(DEFAULT_GYM, after, 1000):
        for after, change in page:
            numbers.append(after)
            shown = msgspec.json.decode(change)
            told[shown["lifter"]].append(shown)
    assert numbers == list(range(1, len(numbers) + 1))
    return told


def _told_from_nothing(services: Services) -> dict[str, list[dict[str, Any]]]:
    """The same, told anew in one go by somebody whom nobody kills."""
    # Whoever is at work yet, woken by the rebuilding above, would go on from what is about to be forgotten.
    eventually(lambda: services.workers.awake() == [], "no worker is at it")
    client = services.feeds._client
    lifters = list(services.log.lifters())
    for name in (key_names.feed(DEFAULT_GYM), key_names.feed_ends(DEFAULT_GYM), *map(key_names.told, lifters)):
        client.execute_command("DEL", name)  # singly, as they may be on servers of their own
    for lifter in lifters:
        services.projections.delete(lifter)
    for group in range(key_names.GROUPS):
        drain(services, group, turn_s=60.0)
    await_told(services)
    return _told(services)
