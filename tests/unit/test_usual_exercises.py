"""Which exercises are listed without a programme."""

from service.engine.prescribe.usual_exercises import usual_exercises
from tests.support.training import Lifter


def listed(*sessions: str) -> str:
    """What is usual after sessions, each the first letters of its exercises."""
    trained: dict[str, list[int]] = {}
    for number, session in enumerate(sessions, 1):
        for exercise in session:
            trained.setdefault(exercise, []).append(number)
    return "".join(sorted(usual_exercises(trained)))


def test_what_followed_such_a_session_follows_again() -> None:
    assert listed("sb", "dp") == "bdps"
    assert listed("sb", "dp", "sb") == "dp"
    assert listed("sb", "dp", "lc", "sb", "dp", "lc") == "bs"
    assert listed("sbd", "sbd", "sbd") == "bds"


def test_of_a_kind_of_session_what_at_least_half_have() -> None:
    assert listed("sbd", "sbdx", "sbd", "sbd") == "bds"
    assert listed("sbdx", "sbdx", "sbd", "sbd") == "bdsx"


def test_what_was_not_done_for_twelve_sessions_is_dormant() -> None:
    assert listed("x", *["s"] * 12) == "s"


def test_nothing_is_usual_only_for_who_trained_nothing() -> None:
    assert listed() == ""
    assert listed("s") == "s"


def test_case_22_the_next_session_lists_what_is_usual_and_all_if_asked() -> None:
    lifter = Lifter("kg")
    for exercise in ("squat", "deadlift") * 3:
        lifter.does(exercise, "100x5").ends().rests(days=40)
    assert [each.exercise for each in lifter.next_session()] == ["squat"]
    assert [each.exercise for each in lifter.next_session(dormant=True)] == ["deadlift", "squat"]
