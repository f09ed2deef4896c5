"""Laws of reading sets, for any places and sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from service.engine.reading.matching import match
from service.engine.reading.place import Basis, LoggedSet, Place, does, estimate
from service.engine.reading.readings import How, Why
from service.engine.reading.slot_sets import SlotSets
from tests.support.reading import BASIS, FINE, Read

BASES = [BASIS, Basis(FINE, timed=True), Basis(FINE, added=True, body_weight=Decimal(80)), Basis(FINE, added=True)]

loads = st.integers(0, 12).map(lambda tens: Decimal(10 * tens))
amounts = st.integers(0, 12)


def a_place(load: Decimal | None, low: int) -> Place:
    return Place(load, load, low, low)


places = st.builds(a_place, loads, st.integers(1, 8))
logged = st.builds(LoggedSet, st.just(0), st.just(0), loads, amounts)
kinds = st.sampled_from([None, None, None, "work", "amrap", "failure", "drop", "warmup"])
sides = st.sampled_from([None, None, "left", "right"])
anything = st.builds(LoggedSet, st.just(0), st.just(0), loads, amounts, st.none(), kinds, sides)


def lists(of: st.SearchStrategy[LoggedSet], most: int = 12) -> st.SearchStrategy[list[LoggedSet]]:
    """Sets with versions 1, 2, 3, ..."""
    return st.lists(of, max_size=most).map(_in_order)


def _in_order(sets: list[LoggedSet]) -> list[LoggedSet]:
    return [msgspec.structs.replace(each, version=number, at=number) for number, each in enumerate(sets, 1)]


def in_places(asked: Sequence[Place], sets: Sequence[LoggedSet], basis: Basis = BASIS) -> list[list[int] | None]:
    """The versions of the sets in each place at the end of a session."""
    slot = Read(list(asked), basis)
    slot.take(*sets)
    slot.close()
    return [None if group is None else [sets[index].version for index in group] for group in slot.performed]


# Each set once


@given(
    st.lists(st.builds(a_place, st.one_of(st.none(), loads), st.integers(1, 8)), max_size=6),
    lists(anything),
    st.sampled_from(BASES),
    st.sampled_from([{"pyramids": True}, {"pyramids": False}]),
)
def test_every_set_is_read_exactly_once(
    asked: list[Place], sets: list[LoggedSet], basis: Basis, options: dict[str, bool]
) -> None:
    slot = Read(asked, basis)
    slot.take(*sets)
    assert slot.slot.sets == sets
    slot.close(**options)
    assert len(slot.slot.readings) == len(sets)
    assert not {reading.how for reading in slot.slot.readings} & {How.WAITING, How.SIDE}
    assert slot.slot.alone == []
    by_place: dict[int, list[int]] = {}
    for index, reading in enumerate(slot.slot.readings):
        assert (reading.how is How.PLACE) is (reading.place is not None)
        if reading.place is not None:
            by_place.setdefault(reading.place, []).append(index)
        if reading.other is not None:
            assert slot.slot.readings[reading.other].other == index
            assert {sets[index].side, sets[reading.other].side} == {"left", "right"}
    assert by_place == {place: list(group) for place, group in enumerate(slot.performed) if group is not None}
    ends = [max(group) for group in slot.performed if group is not None]
    assert ends == sorted(ends)
    assert all(reading.sentence() for reading in slot.slot.readings)


@given(st.lists(places, max_size=6), lists(anything))
def test_what_was_read_can_be_stored_between_any_two_sets(asked: list[Place], sets: list[LoggedSet]) -> None:
    through, stored = Read(asked), Read(asked)
    for each in sets:
        through.take(each)
        stored.take(each)
        stored.slot = msgspec.json.decode(msgspec.json.encode(stored.slot), type=SlotSets)
    assert through.close() == stored.close()
    assert through.slot == stored.slot


# Kinds


@dataclass
class Session:
    asked: list[Place]
    ramp: list[LoggedSet]
    work: list[LoggedSet]


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A ramp worth at most 80 % of the first work set, which does what the first place asks; what follows."""
    top = draw(st.integers(5, 12).map(lambda tens: Decimal(10 * tens)))
    low = draw(st.integers(1, 8))
    asked = [a_place(top, low), *draw(st.lists(places, max_size=5))]
    shares = draw(st.lists(st.integers(10, 79), max_size=4).map(sorted))
    ramp = [LoggedSet(0, 0, top * share / 100, draw(st.integers(1, 12))) for share in shares]
    first = LoggedSet(0, 0, top, low + draw(st.integers(0, 3)))
    whole = estimate(first.load, first.amount, BASIS) or Decimal(0)
    ramp = [each for each in ramp if 10 * (estimate(each.load, each.amount, BASIS) or 0) <= 8 * whole]
    return Session(asked, ramp, [first, *draw(st.lists(logged, max_size=7))])


@given(sessions())
def test_labelling_the_sets_right_reads_them_as_without_labels(session: Session) -> None:
    plain = _in_order([*session.ramp, *session.work])
    labelled = [
        msgspec.structs.replace(each, kind="warmup" if number < len(session.ramp) else "work")
        for number, each in enumerate(plain)
    ]
    one, other = Read(session.asked), Read(session.asked)
    one.take(*plain)
    other.take(*labelled)
    assert one.left == other.left  # while the session goes on, too
    assert one.close() == other.close()


@given(sessions())
def test_a_warm_up_never_changes_what_fills_the_places(session: Session) -> None:
    plain = _in_order([*session.ramp, *session.work])
    assert in_places(session.asked, plain) == in_places(session.asked, plain[len(session.ramp) :])


@given(st.lists(places, max_size=6), lists(logged), st.integers(0, 12))
def test_a_labelled_warm_up_or_drop_anywhere_never_changes_anything(
    asked: list[Place], sets: list[LoggedSet], where: int
) -> None:
    for kind in ("warmup", "drop"):
        more = [*sets[:where], LoggedSet(99, 99, Decimal(500), 9, None, kind), *sets[where:]]
        assert in_places(asked, more) == in_places(asked, sets)


@given(lists(logged.map(lambda each: msgspec.structs.replace(each, kind="work"))), st.lists(places, max_size=6))
def test_labelled_work_fills_the_places_as_it_comes(sets: list[LoggedSet], asked: list[Place]) -> None:
    slot = Read(asked)
    slot.take(*sets)
    readings = slot.slot.readings
    assert [reading.place for reading in readings[: len(asked)]] == list(range(min(len(sets), len(asked))))
    assert all(reading.why is Why.BEYOND for reading in readings[len(asked) :])


# Matching


def scores(asked: Sequence[Place], sets: Sequence[LoggedSet]) -> list[tuple[tuple[object, ...], list[int | None]]]:
    """Every matching in order there is, with what it is worth."""
    known = []
    for size in range(min(len(asked), len(sets)) + 1):
        for those in combinations(range(len(asked)), size):
            for these in combinations(range(len(sets)), size):
                matched: list[int | None] = [None] * len(asked)
                for place, index in zip(those, these, strict=True):
                    matched[place] = index
                known.append((score(matched, asked, sets), matched))
    return known


def score(matched: Sequence[int | None], asked: Sequence[Place], sets: Sequence[LoggedSet]) -> tuple[object, ...]:
    pairs = [(place, index) for place, index in enumerate(matched) if index is not None]
    done = [sets[i].load for place, i in pairs if does(asked[place], sets[i], BASIS)]
    others = [
        estimate(sets[i].load, sets[i].amount, BASIS) or Decimal(0)
        for place, i in pairs
        if not does(asked[place], sets[i], BASIS)
    ]
    return len(done), len(pairs), sum(done, Decimal(0)), sum(others, Decimal(0))


@given(st.lists(places, max_size=4), lists(logged, 5), st.booleans())
def test_no_matching_in_order_is_better(asked: list[Place], sets: list[LoggedSet], alike: object) -> None:
    asked = asked[:1] * len(asked) if alike else asked
    matched = match(asked, sets, BASIS)
    known = [index for index in matched if index is not None]
    assert known == sorted(set(known))
    assert score(matched, asked, sets) == max(worth for worth, _ in scores(asked, sets))


@given(places, st.integers(1, 5), lists(logged, 8), st.data())
def test_sets_as_they_came_stay_where_they_are_if_all_did_what_was_asked(
    place: Place, count: int, sets: list[LoggedSet], data: st.DataObject
) -> None:
    more = data.draw(st.integers(0, count))
    good = [LoggedSet(n, n, (place.shown or Decimal(0)) + n, place.low) for n in range(more)]
    assert match([place] * count, good, BASIS) == [*range(more), *[None] * (count - more)]
    assert len(match([place] * count, sets, BASIS)) == count


# Better


@given(st.lists(places, min_size=1, max_size=5), lists(logged, 7), st.data())
def test_better_sets_never_do_fewer_places(asked: list[Place], sets: list[LoggedSet], data: st.DataObject) -> None:
    better = [
        msgspec.structs.replace(
            each,
            load=each.load + data.draw(st.sampled_from([Decimal(0), Decimal(10)])),
            amount=each.amount + data.draw(st.integers(0, 2)),
        )
        for each in sets
    ]

    def done(these: Sequence[LoggedSet]) -> int:
        pairs = zip(asked, match(asked, these, BASIS), strict=True)
        return sum(i is not None and does(place, these[i], BASIS) for place, i in pairs)

    assert done(better) >= done(sets)


@given(st.integers(1, 5), st.data())
def test_better_sets_at_what_was_asked_never_fill_fewer_places(count: int, data: st.DataObject) -> None:
    """Unlabelled, every set at or above the load asked, whatever its repetitions."""
    asked = [a_place(Decimal(100), 5)] * count
    worse = data.draw(lists(st.builds(LoggedSet, st.just(0), st.just(0), st.integers(100, 120).map(Decimal), amounts)))
    better = [
        msgspec.structs.replace(
            each, load=each.load + data.draw(st.integers(0, 30)), amount=each.amount + data.draw(st.integers(0, 5))
        )
        for each in worse
    ]
    one, other = in_places(asked, worse), in_places(asked, better)
    assert sum(each is not None for each in other) >= sum(each is not None for each in one)


@given(st.lists(places, max_size=6), lists(logged), st.integers(0, 12))
def test_what_comes_later_never_takes_back_what_filled_a_place_while_a_session_goes_on(
    asked: list[Place], sets: list[LoggedSet], where: int
) -> None:
    before, all_of_it = Read(asked), Read(asked)
    before.take(*sets[:where])
    all_of_it.take(*sets)
    assert all_of_it.slot.readings[: len(before.slot.readings)] == before.slot.readings
