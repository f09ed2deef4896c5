"""What must hold after anything was killed: nothing acknowledged is lost or doubled, and states follow from logs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from service.bootstrap import DEFAULT_GYM, Services
from service.domain.identifiers import LifterRef
from service.store.log import LogEntry
from service.usecases.replay import rebuild, replay_lag
from tests.support.running import eventually
from tests.support.writers import Acknowledged


def check(services: Services, acknowledged: Iterable[Acknowledged]) -> None:
    """Fail unless every acknowledged event is logged once, where it was said to be, and every state is its replay."""
    promised: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for event in acknowledged:
        promised[event.lifter][event.event_id] = event.version
    assert promised
    for name, versions in promised.items():
        logged = [(entry.event.event_id, entry.version) for entry in _log(services, LifterRef(DEFAULT_GYM, name))]
        assert [event_id for event_id, count in Counter(event_id for event_id, _ in logged).items() if count > 1] == []
        assert versions.items() <= dict(logged).items()
    eventually(lambda: replay_lag(services).lifters == 0, "every projection is up to date")
    for lifter in services.log.lifters():
        projected = services.projections.load(lifter)
        rebuild(services, lifter)
        assert services.projections.load(lifter) == projected
    assert services.projections.parked() == 0


def _log(services: Services, lifter: LifterRef) -> Iterator[LogEntry]:
    after = 0
    while page := services.log.read(lifter, after):
        yield from page
        after = page[-1].version
