"""Which sets count as work where the log does not say: those asked for, and what a session comes to without them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from service.domain.event_encoding import encode
from service.domain.events import Event, SessionCompleted, SetLogged
from service.domain.instants import HOUR, SECOND
from service.domain.loads import Load
from service.engine.files.library import load_library
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import Run, replay_whole
from service.engine.replay.track import Track

DEFAULT = load_library(Path(__file__).parents[2] / "rules").rule_set("default")
DAY = 24 * HOUR


def track_after(exercise: str, *sessions: str) -> Track:
    """The exercise's track after sessions three days apart, each of sets such as ``60x8``."""
    events = []
    for number, session in enumerate(sessions):
        for place, written in enumerate(session.split()):
            load, reps = written.split("x")
            at = 20_000 * DAY + 3 * number * DAY + place * SECOND
            data = SetLogged(exercise, Load(Decimal(load), "kg"), int(reps), session_id=f"s{number}")
            events.append(encode(Event(f"{number}-{place}", 1, at, at, "test", data)))
        events.append(encode(Event(f"{number}-end", 1, at, at, "test", SessionCompleted())))
    run = Run(1, events, [bytes(32)] * len(events), DEFAULT.digest)
    state = replay_whole(run, Plans({DEFAULT.digest: DEFAULT}))
    (key,) = state.tracks.names()
    track = state.tracks.get(key)
    assert track is not None
    return track


def test_a_ramp_to_the_load_asked_for_is_no_work() -> None:
    """A set waits that is under the load asked for; what came before a heavier set, at 80 % of it, was a warm-up."""
    track = track_after("bench-press", "60x8", "20x10 29x5 30x5 60x8")
    assert track.session_sets == 1


def test_a_whole_session_far_under_the_load_asked_for_is_work() -> None:
    """With nothing heavier after them, the sets that waited are what was done."""
    assert track_after("chest-fly", "40x10", "5x10").session == 2
    repeated = track_after("chest-fly", "40x10", "5x10", "5x10 5x10", "5x10")
    assert (repeated.session, repeated.lever) == (4, Decimal(5))


def test_body_weight_alone_is_work_also_for_who_has_added_some() -> None:
    track = track_after("pull-up", "0x8 5x6", "0x8 0x7")
    assert (track.session, track.session_sets, track.lever) == (2, 2, Decimal(5))
