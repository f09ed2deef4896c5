"""An event is taken by its fields' own checks exactly as marshmallow would take it, or marshmallow is asked."""

import json
from decimal import Decimal
from typing import Any, NoReturn

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from service.domain.errors import InvalidInput
from service.http.schemas import submissions
from service.http.schemas.events import DATA_SCHEMAS
from service.http.schemas.submissions import ALONE, LINE, Schemas, posted
from service.http.strict_json import read
from tests.support.contract import CONTRACT

_NAMES = sorted({name for schema in DATA_SCHEMAS.values() for name in schema.fields})

_UNITS = st.sampled_from(["kg", "lb", "stone", None])
_NUMBERS = st.one_of(
    st.integers(-3, 1002),
    st.decimals(-10, 6000, places=2),
    st.sampled_from([Decimal("NaN"), Decimal("Infinity"), Decimal("1e999"), Decimal("0.00001"), Decimal("-0.0"), True]),
)
_LOADS = st.fixed_dictionaries({"value": _NUMBERS, "unit": _UNITS}, optional={"more": st.just(1)})
_TEXTS = st.sampled_from(
    [
        "a1",
        "deadlift",
        "a/hinge",
        "work",
        "left",
        "upper-back",
        "kg",
        "Europe/Berlin",
        "Europe",
        "pain",
        "Zoe\u0308",
        "",
        "two words",
        "a\n",
        "\x00",
        "x" * 2001,
        "f" * 64,
        "2026-11-20T18:03:00Z",
        "2026-11-20",
        "down",
        "\u212b",
    ]
)
_EQUIPMENT = st.fixed_dictionaries(
    {},
    optional={
        "bar": _LOADS,
        "plates": st.lists(st.fixed_dictionaries({"load": _LOADS, "count": _NUMBERS}), max_size=2),
        "dumbbells": st.lists(_LOADS, max_size=2),
        "rounding": _TEXTS,
    },
)
_PARAMETERS = st.dictionaries(_TEXTS, st.dictionaries(_TEXTS, _NUMBERS | _TEXTS, max_size=2), max_size=2)
_VALUES = st.one_of(_NUMBERS, _TEXTS, _LOADS, st.none(), st.lists(st.integers(), max_size=1), _EQUIPMENT, _PARAMETERS)


def _right(name: str) -> st.SearchStrategy[Any]:
    """Values of a field that are often right: of wrong ones alone hardly an event would be taken."""
    fitting: dict[str, st.SearchStrategy[Any]] = {
        "load": _LOADS,
        "one_rep_max": _LOADS,
        "training_max": _LOADS,
        "body_weight": _LOADS,
        "reps": st.integers(0, 1000),
        "seconds": st.integers(0, 1000),
        "rir": st.integers(0, 10),
        "rpe": st.decimals(0, 10, places=1),
        "equipment": _EQUIPMENT,
        "params": _PARAMETERS,
        "exercise": st.just("deadlift"),
        "kind": st.sampled_from(["work", "warmup"]),
        "side": st.just("left"),
        "slot": st.just("a/hinge"),
        "unit": st.just("kg"),
        "time_zone": st.just("UTC"),
        "digest": st.just("f" * 64),
        "occurred_at": st.just("2026-11-20T18:03:00Z"),
    }
    return fitting.get(name, st.just("a1"))


_VALUE_OF = {name: st.one_of(_right(name), _right(name), _right(name), _VALUES) for name in _NAMES}
_DATA = {
    kind: st.fixed_dictionaries(
        {name: _VALUE_OF[name] for name, field in schema.fields.items() if field.required},
        optional={
            **{name: _VALUE_OF[name] for name, field in schema.fields.items() if not field.required},
            "unheard_of": st.just(1),
        },
    )
    for kind, schema in DATA_SCHEMAS.items()
}


def _document(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    moment = st.sampled_from(["2026-11-20T18:03:00+01:00", "2026-11-20T18:03:00Z"]) | _VALUES
    return st.fixed_dictionaries(
        {
            "type": st.just(kind),
            "event_id": st.just("a1") | _TEXTS,
            "occurred_at": moment,
            "data": _DATA[kind] | _VALUES,
        },
        optional={"lifter": st.just("ann") | _TEXTS, "expected_version": _NUMBERS, "unheard_of": st.just(1)},
    )


_DOCUMENTS = st.sampled_from(sorted(DATA_SCHEMAS)).flatmap(_document) | _VALUES


def _verdict(schemas: Schemas, document: Any) -> Any:
    try:
        return posted(document, schemas)
    except InvalidInput as error:
        return error.problems


def _doubting(*_: object) -> NoReturn:
    raise submissions._Doubt


@settings(max_examples=300, deadline=None)
@given(document=_DOCUMENTS, schemas=st.sampled_from([ALONE, LINE]))
def test_both_ways_come_to_the_same_verdict(document: Any, schemas: Schemas) -> None:
    quick = _verdict(schemas, document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions, "_taken", _doubting)
        slow = _verdict(schemas, document)
    assert repr(quick) == repr(slow)
    event("taken" if isinstance(quick, submissions.Posted) else "refused")


def test_marshmallow_is_not_asked_about_what_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> None:
        raise AssertionError("marshmallow was asked")

    monkeypatch.setattr(submissions, "loaded", ask)
    content = CONTRACT["paths"]["/v1/lifters/{lifter}/events"]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        posted(read(json.dumps(example["value"]).encode()))
        posted(read(json.dumps({**example["value"], "lifter": "ann"}).encode()), LINE)
