"""An alias that the library gains: what was logged under that name before stays what it was."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from service.bootstrap import Services, bootstrap
from service.domain.errors import IdempotencyConflict
from service.domain.events import SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.engine.replay.bound_programme import Plans
from service.store.rule_sets import RuleSets
from service.usecases.lifter.prescribe import lifter_state, next_for
from service.usecases.lifter.recommendation_history import recommended
from service.usecases.log.append import append_event
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.read import Sought, find_in_log
from service.usecases.log.verify import verify
from service.usecases.rules.publish import publish_rules

_AT = 1_700_000_000_000_000
_HOUR = 3_600_000_000


def _set(event_id: str, exercise: str) -> Submission:
    return Submission(event_id, _AT, SetLogged(exercise, Load(Decimal(100), "kg"), reps=5))


def _append(services: Services, lifter: LifterRef, submission: Submission) -> Receipt:
    return append_event(services, lifter, submission, actor="k_test")


@pytest.fixture
def with_alias(services: Services, tmp_path: Path) -> Callable[[], Services]:
    """What publishes the same rules with ``deep-squat`` as an alias, and sees them as another process does."""

    def publish() -> Services:
        rules = tmp_path / "rules"
        shutil.copytree(services.settings.rules_dir, rules)
        squat = rules / "exercises" / "squat.yaml"
        squat.write_text(squat.read_text("utf-8").replace('"Back Squat"', '"Back Squat", "Deep Squat"'), "utf-8")
        publish_rules(replace(services, settings=replace(services.settings, rules_dir=rules)))
        rule_sets = RuleSets(services.archive)
        return replace(services, rule_sets=rule_sets, plans=Plans(rule_sets))

    return publish


def test_the_past_stays(services: Services, lifter: LifterRef, with_alias: Callable[[], Services]) -> None:
    _append(services, lifter, _set("before", "deep-squat"))
    state = lifter_state(services, lifter, as_of=_AT + _HOUR)
    later = with_alias()
    assert lifter_state(later, lifter, as_of=_AT + _HOUR) == state
    assert next_for(later, lifter, "deep-squat", as_of=_AT + _HOUR).exercise == "deep-squat"
    assert recommended(later, lifter, "deep-squat", after=0, limit=9)[0]
    receipt = _append(later, lifter, _set("before", "deep-squat"))
    assert (receipt.outcome, receipt.version) == ("already_appended", 1)
    with pytest.raises(IdempotencyConflict):
        _append(later, lifter, _set("before", "squat"))


def test_what_is_logged_from_then_on_is_the_exercise(
    services: Services, lifter: LifterRef, with_alias: Callable[[], Services]
) -> None:
    _append(services, lifter, _set("before", "deep-squat"))
    later = with_alias()
    assert _append(later, lifter, _set("after", "deep-squat")).warnings == ()
    found, _ = find_in_log(later, lifter, Sought("deep-squat"), after=0, limit=9)
    named = [entry.event.data.exercise for entry in found if isinstance(entry.event.data, SetLogged)]
    assert named == ["deep-squat", "squat"]
    (verified,) = verify(later, [lifter], {}, processes=1, start=bootstrap)
    assert verified.findings == []
