"""Recommendations: what one pass over a log finds is what was answered at each of its versions, and nothing else."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.events import Event
from service.domain.instants import parse
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.prescribe.recommendation_history import Recommendation, recommendations
from service.engine.replay.projection import replay_whole
from tests.support.histories import EXERCISES, logs, run_of
from tests.support.training import DEFAULT, PLANS, asked

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def answered(events: list[Event], version: int, exercise: str) -> dict[str, Prescription]:
    """What a whole replay prescribes at a version, as of its newest event; nothing for a lifter who is parked."""
    state = replay_whole(run_of(events, last=version), PLANS)
    if state.shared.parked is not None:
        return {}
    prescriber = asked(state, state.shared.newest_at or 0)
    due = [each for each in prescriber.every_slot() if each.slot.exercise.id == exercise]
    return {each.slot.id: prescriber.prescription("lifter", each)[0] for each in due}


def recommended(events: list[Event], exercise: str) -> list[Recommendation]:
    return recommendations(run_of(events), PLANS, "lifter", exercise, lambda _: DEFAULT.digest)


@LAW
@given(logs(most=14), st.sampled_from(EXERCISES))
def test_each_version_was_answered_by_the_recommendation_then_current(events: list[Event], exercise: str) -> None:
    given_ = recommended(events, exercise)
    for version in range(1, len(events) + 1):
        for slot, prescription in answered(events, version, exercise).items():
            # What time alone brought later was given under the same version, and after that version was asked.
            asked_at = parse(prescription.valid_from)
            current = [
                each
                for each in given_
                if each.slot == slot
                and (
                    each.version < version
                    or (each.version == version and PrescriptionId.decode(each.prescription_id).valid_from <= asked_at)
                )
            ][-1]
            left = current.sets[len(current.sets) - len(prescription.sets) :]
            assert left == prescription.sets, (version, slot)


@LAW
@given(logs(most=14), st.sampled_from(EXERCISES))
def test_each_recommendation_was_answered_under_its_id(events: list[Event], exercise: str) -> None:
    for each in recommended(events, exercise):
        slot, version, _, _, valid_from = PrescriptionId.decode(each.prescription_id)
        assert (slot, version) == (each.slot, each.version)
        prescriber = asked(replay_whole(run_of(events, last=version), PLANS, as_of=valid_from), valid_from)
        again, _ = prescriber.prescription("lifter", prescriber.due_in(slot))
        assert again.prescription_id == each.prescription_id
        assert (again.sets, again.outcome, again.because) == (each.sets, each.outcome, each.because)


@LAW
@given(logs(most=14), st.sampled_from(EXERCISES), st.integers(0, 14))
def test_what_was_recommended_is_never_rewritten(events: list[Event], exercise: str, cut: int) -> None:
    cut = min(cut, len(events))
    earlier = [each.prescription_id for each in recommended(events[:cut], exercise)]
    assert [each.prescription_id for each in recommended(events, exercise)][: len(earlier)] == earlier


@LAW
@given(logs(most=20), st.sampled_from(EXERCISES))
def test_no_set_counts_twice_and_only_the_newest_of_a_slot_is_current(events: list[Event], exercise: str) -> None:
    given_ = recommended(events, exercise)
    counted = [event_id for each in given_ for performed in each.performed for event_id in performed.event_ids]
    assert len(counted) == len(set(counted))
    for each in given_:
        assert (each.verdict is None) <= (each is [other for other in given_ if other.slot == each.slot][-1])
        assert (each.verdict is None) <= (each.replaced_by is None)
        assert (each.verdict == "changed") <= all(
            done.index not in {s.index for s in each.sets} for done in each.performed
        )
