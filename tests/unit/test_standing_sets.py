"""How sets and baselines stand after every event of a log is what effective history says of that much of it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from service.domain.effective_history import acts_on, effective_history
from service.domain.events import BaselineCorrected, BaselineSet, Event, EventData, SetCorrected, SetLogged, SetVoided
from service.domain.loads import Load
from service.domain.standing_sets import Lifted, StandingSets

_SETS = ("a", "b")


@st.composite
def _logs(draw: st.DrawFn) -> list[Event]:
    load = st.builds(Load, st.integers(-3, 3).map(Decimal), st.just("kg"))
    data: list[EventData] = [SetLogged("squat", draw(load), reps=5) for _ in _SETS]
    data.append(BaselineSet("squat", one_rep_max=draw(load)))
    ids = [*_SETS, "base"]
    for number in range(draw(st.integers(0, 8))):
        correction = st.builds(
            SetCorrected,
            st.sampled_from(_SETS),
            exercise=st.sampled_from([None, "squat", "pull-up"]),
            load=st.none() | load,
            seconds=st.sampled_from([None, 30]),
            cleared=st.sampled_from([(), ("rir",)]),
        )
        of_baseline = st.builds(BaselineCorrected, st.just("base"), load=load) | st.builds(
            BaselineCorrected, st.just("base"), exercise=st.just("pull-up")
        )
        data.append(draw(correction | of_baseline | st.builds(SetVoided, st.sampled_from(ids))))
        ids.append(f"e{number}")
    return [Event(event_id, 1, 0, 0, "k", each) for event_id, each in zip(ids, data, strict=True)]


@given(_logs())
def test_like_effective_history(log: list[Event]) -> None:
    sets = StandingSets()
    for count, event in enumerate(log):
        said = sets.after(event)
        about = _about(log, event)
        history = effective_history(enumerate(log[: count + 1], 1))
        assert said == next((each.event.data for each in history if each.event.event_id == about), None)
        sets.read(event)
        assert sets.before(Event("x", 1, 0, 0, "k", SetVoided(event.event_id))) == said


def _about(log: list[Event], event: Event) -> str:
    """The set or baseline that an event is about, by following what it acts on."""
    by_id = {each.event_id: each for each in log}
    while not isinstance(event.data, Lifted):
        event = by_id[acts_on(event.data) or ""]
    return event.event_id
