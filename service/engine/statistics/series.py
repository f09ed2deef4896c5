"""From sessions as they were trained to series: by session, by exercise and by calendar week."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.exact import exact
from service.domain.exercises import Exercise
from service.domain.instants import Instant, week_of
from service.domain.loads import Load, Unit, convert_reversibly
from service.engine.language.one_rep_max import e1rm
from service.engine.reading.readings import How
from service.engine.replay.weekly_volume import hard_sets
from service.engine.statistics.training_log import DoneSet, RecordSet, TrainedSession

MOST_SESSIONS: Final = 1000
MOST_POINTS: Final = 5000
"""Points of all exercises in one answer; of one session it has all."""

_PLACES: Final = Decimal("0.0001")
_ZERO: Final = Decimal(0)


class TopSet(NamedTuple):
    """The heaviest work set, of equally heavy ones that with the most repetitions (or seconds)."""

    event_id: str
    load: Decimal
    reps: int | None
    seconds: int | None
    rir: Decimal | None


class Point(NamedTuple):
    """What a session did of an exercise; ``sets`` are work sets, ``e1rm`` the best that any of them is worth."""

    session: int
    at: Instant
    sets: int
    top_set: TopSet | None
    e1rm: Decimal | None
    tonnage: Decimal


class SessionTotal(NamedTuple):
    """A session; ``day`` counts from 1970-01-01."""

    number: int
    session_id: str | None
    began_at: Instant
    ended_at: Instant
    open: bool
    day: int
    sets: int
    tonnage: Decimal


class Week(NamedTuple):
    """A calendar week from Monday; ``hard_sets`` by muscle."""

    week: int
    sessions: int
    sets: int
    tonnage: Decimal
    hard_sets: dict[str, Decimal]


class Record(NamedTuple):
    """A set that was heavier than all before it with as many repetitions (or seconds), in the unit of the answer.

    ``before`` is the heaviest until then with at least as many, None for the first. ``e1rm`` is what it is worth, where
    that is more than ``e1rm_before``, the best until then; else both are None.
    """

    event_id: str
    at: Instant
    session: int
    exercise: str
    load: Decimal
    reps: int | None
    seconds: int | None
    before: Decimal | None
    e1rm: Decimal | None
    e1rm_before: Decimal | None


class Statistics(NamedTuple):
    """Series over a stretch of time, each in order; ``cut_at``: only sessions from then on, for there are too many."""

    sessions: list[SessionTotal]
    weeks: list[Week]
    exercises: dict[str, list[Point]]
    records: list[Record]
    cut_at: Instant | None


class Wanted(NamedTuple):
    """Of what: sessions that began in a stretch of time (``until`` not included), and one exercise or (None) all."""

    exercise: str | None = None
    since: Instant | None = None
    until: Instant | None = None

    def session(self, session: TrainedSession) -> bool:
        """Whether a session is wanted."""
        began = session.began_at
        return (
            (self.since is None or began >= self.since)
            and (self.until is None or began < self.until)
            and (self.exercise is None or any(self.of(each.exercise) for each in session.sets.values()))
        )

    def of(self, exercise: Exercise) -> bool:
        """Whether an exercise is wanted."""
        return self.exercise in (None, exercise.id)


@exact
def statistics(
    sessions: Sequence[TrainedSession], records: Iterable[RecordSet], wanted: Wanted, unit: Unit
) -> Statistics:
    """The series of what is wanted, all loads in ``unit``; of too many sessions the newest."""
    kept, cut_at = _newest([session for session in sessions if wanted.session(session)], wanted)
    exercises: dict[str, list[Point]] = {}
    totals: list[SessionTotal] = []
    for session in kept:
        points = _points(session, wanted, unit)
        for exercise, point in points.items():
            exercises.setdefault(exercise, []).append(point)
        totals.append(_total(session, points.values()))
    numbers = {session.number for session in kept}
    of_wanted = _records((each for each in records if wanted.of(each.exercise)), unit)
    fell = [each for each in of_wanted if each.session in numbers]
    return Statistics(totals, _weeks(kept, totals, wanted), dict(sorted(exercises.items())), fell, cut_at)


def _newest(sessions: list[TrainedSession], wanted: Wanted) -> tuple[list[TrainedSession], Instant | None]:
    """As many of the newest sessions as fit into an answer, and from when on where not all do."""
    points = first = 0
    for first in range(len(sessions) - 1, -1, -1):
        points += len({each.exercise.id for each in sessions[first].sets.values() if wanted.of(each.exercise)})
        if len(sessions) - first > MOST_SESSIONS or (points > MOST_POINTS and first < len(sessions) - 1):
            return sessions[first + 1 :], sessions[first + 1].began_at
    return sessions, None


def _points(session: TrainedSession, wanted: Wanted, unit: Unit) -> dict[str, Point]:
    by_exercise: dict[str, list[DoneSet]] = {}
    for each in session.sets.values():
        if wanted.of(each.exercise):
            by_exercise.setdefault(each.exercise.id, []).append(each)
    return {exercise: _point(session, exercise, sets, unit) for exercise, sets in sorted(by_exercise.items())}


def _point(session: TrainedSession, exercise: str, sets: Sequence[DoneSet], unit: Unit) -> Point:
    work = [(each.logged.load.in_unit(unit), each) for each in sets if each.is_work]
    top = max(work, key=lambda each: (each[0], each[1].logged.reps or each[1].logged.seconds or 0), default=None)
    worth = [e1rm(load, each.logged.reps) for load, each in work if each.logged.reps and load > 0]
    lifted = [*work, *((each.logged.load.in_unit(unit), each) for each in sets if each.how is How.DROP)]
    _, count = session.counts.get(exercise, (None, 0))
    return Point(
        session.number,
        min(each.at for each in sets),
        count,
        None if top is None else _top_set(*top),
        None if not worth else _rounded(max(worth)),
        sum((max(load, _ZERO) * (each.logged.reps or 0) for load, each in lifted), _ZERO),
    )


def _top_set(load: Decimal, top: DoneSet) -> TopSet:
    return TopSet(top.event_id, load, top.logged.reps, top.logged.seconds, top.logged.rir)


def _total(session: TrainedSession, points: Iterable[Point]) -> SessionTotal:
    points = list(points)
    return SessionTotal(
        session.number,
        session.id,
        session.began_at,
        session.ended_at,
        session.open,
        session.day,
        sum(point.sets for point in points),
        sum((point.tonnage for point in points), _ZERO),
    )


def _weeks(sessions: Sequence[TrainedSession], totals: Sequence[SessionTotal], wanted: Wanted) -> list[Week]:
    by_week: dict[int, list[tuple[TrainedSession, SessionTotal]]] = {}
    for session, total in zip(sessions, totals, strict=True):
        by_week.setdefault(week_of(session.day), []).append((session, total))
    return [
        Week(
            week,
            len(of_week),
            sum(total.sets for _, total in of_week),
            sum((total.tonnage for _, total in of_week), _ZERO),
            dict(sorted(hard_sets(each for session, _ in of_week for each in _counted(session, wanted)).items())),
        )
        for week, of_week in sorted(by_week.items())
    ]


def _counted(session: TrainedSession, wanted: Wanted) -> list[tuple[Exercise, int]]:
    return [(exercise, count) for exercise, count in session.counts.values() if wanted.of(exercise)]


def _records(fell: Iterable[RecordSet], unit: Unit) -> list[Record]:
    """Records, each beside the one that it surpassed."""
    loads: dict[str, dict[int, Decimal]] = {}
    best: dict[str, Decimal] = {}
    shown = []
    for each in fell:
        exercise, amount, load = each.exercise.id, each.amount, _in(unit, each.load)
        until_then = loads.setdefault(exercise, {})
        before = max((lifted for most, lifted in until_then.items() if most >= amount), default=None)
        until_then[amount] = load
        worth, worth_before = _ZERO if each.timed else _rounded(e1rm(load, amount)), best.get(exercise)
        raises = worth > (worth_before or _ZERO)
        if raises:
            best[exercise] = worth
        record = Record(
            event_id=each.event_id,
            at=each.at,
            session=each.session,
            exercise=exercise,
            load=load,
            reps=None if each.timed else amount,
            seconds=amount if each.timed else None,
            before=before,
            e1rm=worth if raises else None,
            e1rm_before=worth_before if raises else None,
        )
        shown.append(record)
    return shown


def _in(unit: Unit, load: Load) -> Decimal:
    return _rounded(load.value) if load.unit == unit else convert_reversibly(load.value, load.unit, unit)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_PLACES)
