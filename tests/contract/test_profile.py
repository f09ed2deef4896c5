"""What is known of a lifter themselves, at any time and version."""

from typing import Any

from tests.support.contract import ContractClient

_LIFTER = "/v1/lifters/ann"
_PROFILE = f"{_LIFTER}/profile"


def _log(api: ContractClient, event_id: str, kind: str, at: str, **data: Any) -> None:
    event = {"event_id": event_id, "type": kind, "occurred_at": f"2026-11-{at}:00Z", "data": data}
    assert api.post(f"{_LIFTER}/events", event).status == 201


def _log_set(api: ContractClient, event_id: str, at: str, **more: Any) -> None:
    _log(api, event_id, "set_logged", at, exercise="squat", load={"value": 100, "unit": "kg"}, reps=5, **more)


def _of(api: ContractClient, query: str = "", *names: str) -> list[Any]:
    shown = api.get(_PROFILE + query).json
    return [shown[name] for name in names]


def test_of_whom_nothing_is_known(api: ContractClient) -> None:
    _log(api, "n", "lifter_noted", "20T18:00", note="hello")
    assert api.get(_PROFILE).json == {
        "version": 1,
        "unit": "kg",
        "time_zone": "UTC",
        "body_weight": None,
        "equipment": None,
        "next_session": None,
    }


def test_what_was_said_last_holds_piece_by_piece(api: ContractClient) -> None:
    stack = {"stack": {"value": 5, "unit": "kg"}, "rounding": "down"}
    _log(api, "a", "profile_changed", "20T18:00", unit="kg", time_zone="Europe/Berlin", equipment=stack)
    _log(api, "b", "profile_changed", "20T19:00", body_weight={"value": 180, "unit": "lb"})
    assert _of(api, "", "unit", "time_zone", "body_weight", "equipment") == [
        "kg",
        "Europe/Berlin",
        {"value": 81.6466, "unit": "kg"},
        stack,
    ]
    _log_set(api, "s", "20T20:00", body_weight={"value": 82.4, "unit": "kg"})
    assert _of(api, "", "body_weight") == [{"value": 82.4, "unit": "kg"}]


def test_earlier_versions_and_times_and_what_was_voided(api: ContractClient) -> None:
    for number, weight in enumerate((80, 81, 82), 1):
        _log(
            api, f"p{number}", "profile_changed", f"{5 + 5 * number}T18:00", body_weight={"value": weight, "unit": "kg"}
        )
    _log(api, "v", "set_voided", "20T19:00", voids="p2")
    weights = [
        _of(api, query, "body_weight")[0]["value"]
        for query in ("", "?at_version=2", "?at_version=3&as_of=2026-11-18T00:00:00Z", "?as_of=2026-11-18T00:00:00Z")
    ]
    assert weights == [82, 81, 81, 80]


def test_what_is_named_in_a_session_holds_from_the_next(api: ContractClient) -> None:
    _log_set(api, "s", "20T18:00")
    _log(api, "p", "profile_changed", "20T18:10", unit="lb")
    within, after = "?as_of=2026-11-20T19:00:00Z", "?as_of=2026-11-20T23:00:00Z"
    assert _of(api, within, "unit", "next_session") == ["kg", {"unit": "lb", "equipment": None}]
    assert _of(api, after, "unit", "next_session") == ["lb", None]
