"""What the benchmark measures: a log of every programme there is, that the engine can replay."""

from __future__ import annotations

from bench.programmes import logs
from service.domain.event_encoding import encode
from service.domain.events import SetLogged
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import Run, replay_whole
from tests.support.training import DEFAULT, LIBRARY


def test_every_programme_has_a_log_that_is_replayed() -> None:
    published = {name: LIBRARY.rule_set(name) for name in LIBRARY.programmes}
    plans = Plans({rule_set.digest: rule_set for rule_set in published.values()})
    made = logs(published, plans, weeks=4)
    assert made.keys() == published.keys()
    for name, log in made.items():
        sets = [event.data for event in log if isinstance(event.data, SetLogged)]
        assert len(sets) >= 20, name
        assert {each.slot is not None for each in sets} == {bool(published[name].programme.days)}, name
        state = replay_whole(
            Run(1, [encode(event) for event in log], [b"\0" * 32] * len(log), DEFAULT.digest, 1), plans
        )
        assert state.shared.version == len(log)
