"""A sample gym: what Spotter looks like after a year, for whoever has just started one.

It is a sandbox of made-up lifters, whose log comes by the way of everybody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Final, NamedTuple

from msgspec.structs import replace

from service.domain.errors import Conflict, NotASandbox, NotFound, Unavailable
from service.domain.events import (
    BaselineSet,
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    SessionCompleted,
    SetCorrected,
    SetLogged,
)
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, HOUR, SECOND, Instant, parse
from service.domain.loads import Load
from service.engine.simulate.made_up_training import MONDAY, Course
from service.usecases.gym import gyms
from service.usecases.gym.api_keys import Made
from service.usecases.gym.sandbox import reset, set_clock
from service.usecases.log.append import append_batches
from service.usecases.log.batch import Batch, Submission
from service.usecases.rules.simulate import train_under
from service.usecases.services import Services
from service.usecases.webhooks.manage import add_unchecked

SAMPLE: Final = "sandbox-sample"
"""The id of the sample gym."""

NOW: Final[Instant] = parse("2026-01-08T12:00:00Z")
"""Where its clock stands: a Thursday."""

_MINUTE: Final = 60 * SECOND
_REFUSES: Final = "https://127.0.0.1:9/spotter"
"""Where a webhook is never told: an address of this machine; where such are allowed, nobody listens there."""


class _Year(NamedTuple):
    """What a lifter trains by, for how long, and how."""

    programme: str
    course: Course


YEARS: Final[dict[str, _Year]] = {
    "lifter-a": _Year("starting-strength", Course("typical", 52, 3, "lb")),
    "lifter-b": _Year("gzclp", Course("typical", 52, 3, "kg", 2)),
    "lifter-c": _Year("boring-but-big", Course("failing", 52, 4, "kg")),
}
"""Each misses two weeks now and then, which is a layoff; `made_up_lifter` says who they are."""

_LAST_WEEK: Final[dict[str, tuple[tuple[str, int, tuple[int, ...]], ...]]] = {
    "2026-01-05T18:00:00Z": (
        ("deadlift", 225, (5, 5, 5)),
        ("barbell-row", 135, (8, 7, 7)),
        ("single-arm-dumbbell-row", 60, (8, 8, 7)),
        ("face-pull", 40, (10, 10, 9)),
    ),
    "2026-01-07T18:00:00Z": (
        ("romanian-deadlift", 185, (6, 5, 5)),
        ("chest-supported-row", 90, (7, 7, 6)),
        ("cable-row", 120, (8, 8, 8)),
        ("dumbbell-rear-lateral-raise", 15, (9, 9, 8)),
    ),
}
"""What lifter-a does in the first week of upper-back: by session, exercise, load (lb) and repetitions of each set."""

_TUESDAY: Final[Instant] = parse("2026-01-06T09:30:00Z")
_CORRECTED: Final = "2026-01-05-deadlift-3"
"""A set of five that were six, as is said on Tuesday: six are the top of the range, so 235 lb are next, and not 225."""

_TOLD_FROM: Final[Instant] = _TUESDAY
"""The day from which on the webhook is to be told."""


_WEEKS_BEFORE: Final = 5
"""For how long the fourth lifter trains, before their log can be replayed no further."""

_PARKS: Final = ProfileChanged(time_zone="localtime")
"""A zone that only some machines have; no door takes it any more, and a log that has it cannot be replayed."""


class SampleThere(Conflict):
    """There is a sample gym already."""


class _Logged(NamedTuple):
    lifter: str
    submission: Submission

    @property
    def at(self) -> Instant:
        return self.submission.occurred_at


def is_there(services: Services) -> bool:
    """Whether there is a sample gym, or a part of one."""
    return services.sandboxes.find(SAMPLE) is not None


def make_sample(services: Services) -> Made:
    """Make the sample gym, which takes some seconds; its key, which has every scope.

    A year of three lifters with layoffs, one who is parked, a correction last Tuesday, a webhook that fails. Raises
    `SampleThere`, also where making it was broken off.
    """
    made = begin_sample(services)
    fill_sample(services, made.key.id)
    return made


def begin_sample(services: Services) -> Made:
    """Make the sample gym as it is before anybody has trained there; its key. Raises `SampleThere`."""
    if is_there(services):
        raise SampleThere("there is a sample gym already: take it away first")
    made = gyms.add_gym(services, SAMPLE, "A sample gym", sandbox=True)
    weeks = max(course.weeks for _, course in YEARS.values())
    reset(services, SAMPLE, MONDAY - (7 * max(weeks, _WEEKS_BEFORE) + 1) * DAY)
    return made


def fill_sample(services: Services, actor: str) -> None:
    """Let the lifters of the sample gym train, day by day; ends early where it is taken away meanwhile.

    ``actor`` is the id of the key that writes.
    """
    events = sorted([*_year(services), *_last_week(), *_parked()], key=lambda logged: logged.at)
    try:
        for day, logged in groupby(events, key=lambda logged: logged.at // DAY):
            if day == _TOLD_FROM // DAY:
                # Not as a client adds one: it would be refused at once, and here it is to be seen failing.
                add_unchecked(services, SAMPLE, _REFUSES, "An address that refuses")
            _log(services, list(logged), actor)
        set_clock(services, SAMPLE, NOW)
    except NotASandbox:
        return


def comes_to(services: Services) -> Instant | None:
    """The time to which the sample gym has come while it is being filled; None once it is, or where there is none."""
    sandbox = services.sandboxes.find(SAMPLE)
    return None if sandbox is None or sandbox.now >= NOW else sandbox.now


def remove_sample(services: Services) -> None:
    """Take the sample gym away, with its keys and its webhook. Raises `NotFound`, and `Unavailable` to try again."""
    if not is_there(services):
        raise NotFound("there is no sample gym")
    reset(services, SAMPLE)
    gyms.remove_gym(services, SAMPLE)


def _year(services: Services) -> Iterator[_Logged]:
    """What was trained for a year."""
    for lifter, (programme, course) in YEARS.items():
        digest = services.rule_sets.newest(programme)
        if digest is None:
            raise Unavailable(f"the programme {programme} is not published, by which {lifter} trains")
        # Whole weeks earlier, so that days of training stay what they were; the last of them is the week before now.
        earlier = 7 * DAY * course.weeks
        yield _Logged(lifter, Submission("assigned", MONDAY - earlier, ProgrammeAssigned(programme)))
        for event in train_under(services.rule_sets.get(digest), services.rule_sets, course).events:
            yield _Logged(lifter, Submission(event.event_id, event.occurred_at - earlier, event.data))


def _last_week() -> Iterator[_Logged]:
    """Another programme for the first of them, a week of it, and the correction."""
    begun = parse(min(_LAST_WEEK)) - HOUR

    def logged(at: Instant, event_id: str, data: EventData) -> _Logged:
        return _Logged("lifter-a", Submission(event_id, at, data))

    yield logged(begun, "upper-back", ProgrammeAssigned("upper-back"))
    for session in _LAST_WEEK.values():
        for exercise, load, _ in session:
            yield logged(begun, f"baseline-{exercise}", BaselineSet(exercise, Load(Decimal(load), "lb")))
    for begins, session in _LAST_WEEK.items():
        at, day = parse(begins), begins[:10]
        for exercise, load, sets in session:
            for number, reps in enumerate(sets, 1):
                at += 3 * _MINUTE
                data = SetLogged(exercise, Load(Decimal(load), "lb"), reps, rir=Decimal(1), session_id=day)
                yield logged(at, f"{day}-{exercise}-{number}", data)
        yield logged(at + _MINUTE, f"{day}-completed", SessionCompleted(day))
    yield logged(_TUESDAY, "correction", SetCorrected(_CORRECTED, reps=6))


def _parked() -> Iterator[_Logged]:
    """Somebody whose log cannot be replayed from its last event on."""
    for place in range(_WEEKS_BEFORE):
        at = _TUESDAY - (7 * place + 4) * DAY
        data = SetLogged("squat", Load(Decimal(60), "kg"), 8, rir=Decimal(2))
        yield _Logged("lifter-d", Submission(f"squat-{_WEEKS_BEFORE - place}", at, data))
    yield _Logged("lifter-d", Submission("zone", _TUESDAY, _PARKS))


def _log(services: Services, day: Sequence[_Logged], actor: str) -> None:
    """Log what was done on a day, at the end of it. Raises what refuses any of it."""
    now = day[-1].at
    services.sandboxes.amend(SAMPLE, lambda sandbox: replace(sandbox, now=max(sandbox.now, now)))
    by_lifter: defaultdict[str, list[Submission]] = defaultdict(list)
    for lifter, submission in day:
        by_lifter[lifter].append(submission)
    batches = [Batch(LifterRef(SAMPLE, lifter), submissions) for lifter, submissions in by_lifter.items()]
    for became in append_batches(services, batches, actor=actor):
        refused = [became] if isinstance(became, Exception) else [one for one in became if isinstance(one, Exception)]
        if refused:
            raise refused[0]
