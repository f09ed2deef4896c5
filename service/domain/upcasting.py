"""Reading events of older schemas: what a type of event held once becomes what it holds today, step by step.

The log is never migrated. Each type of event counts its own schema versions, from 1; a version that is not the newest
has one step that leads on from it, a pure function over the event's data as plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from service.domain.errors import SpotterError

Schema: TypeAlias = tuple[str, int]
"""A type of event, and the version of what it holds."""

Data: TypeAlias = dict[str, Any]


class UpcastersBroken(SpotterError):
    """Steps that do not lead every schema ever written to today's: Spotter does not start with them."""


class Upcaster(NamedTuple):
    """How data of one schema becomes data of another; ``upcast`` must leave what it is given as it was."""

    schema: Schema
    leads_to: Schema
    upcast: Callable[[Data], Data]


def _assignment_of_unknown_digest(data: Data) -> Data:
    """An assignment says since version 2 whose choice its digest was; before, nobody wrote it down."""
    return {**data, "digest_from": "unknown"}


def _profile_of_less_equipment(data: Data) -> Data:
    """A profile may say since version 2 which EZ bar, fixed barbells and kettlebells there are; before, none did."""
    return data


def _profile_of_loads_as_all_count_them(data: Data) -> Data:
    """A profile may say since version 3 how loads are counted; before, each was the whole one."""
    return data


def _note_of_the_whole_lifter(data: Data) -> Data:
    """A note may name an exercise or a muscle since version 2; before, each was about the lifter."""
    return data


def _correction_that_clears_nothing(data: Data) -> Data:
    """A correction of a set may clear fields since version 2; before, it could only say others."""
    return data


UPCASTERS: Final = (
    Upcaster(("programme_assigned", 1), ("programme_assigned", 2), _assignment_of_unknown_digest),
    Upcaster(("profile_changed", 1), ("profile_changed", 2), _profile_of_less_equipment),
    Upcaster(("profile_changed", 2), ("profile_changed", 3), _profile_of_loads_as_all_count_them),
    Upcaster(("lifter_noted", 1), ("lifter_noted", 2), _note_of_the_whole_lifter),
    Upcaster(("set_corrected", 1), ("set_corrected", 2), _correction_that_clears_nothing),
)
"""Every step there is, and will be: a schema that was written once stays readable."""


def upcasters_by_schema(steps: Iterable[Upcaster], newest: Mapping[str, int]) -> dict[Schema, Upcaster]:
    """The steps by where they start, for ``newest`` versions by type of event; `UpcastersBroken` says what is wrong."""
    made: dict[Schema, Upcaster] = {}
    for step in steps:
        if step.schema in made:
            raise UpcastersBroken(f"two steps lead on from {_schema_name(step.schema)}; one too many")
        made[step.schema] = step
    for type_, version in newest.items():
        for older in range(1, version):
            if (type_, older) not in made:
                raise UpcastersBroken(
                    f"no step leads on from {_schema_name((type_, older))}: its events could not be read"
                )
    for start in made:
        _check_way(start, made, newest)
    return made


def upcast(schema: Schema, data: Data, steps: Mapping[Schema, Upcaster]) -> tuple[Schema, Data]:
    """Data of an older schema as that of the newest one, and which that is."""
    while schema in steps:
        _, schema, step = steps[schema]
        data = step(data)
    return schema, data


def _check_way(start: Schema, steps: Mapping[Schema, Upcaster], newest: Mapping[str, int]) -> None:
    """From any schema the steps must come to an end, at the newest version of a type and no sooner."""
    way = [start]
    while (step := steps.get(way[-1])) is not None:
        if newest.get(way[-1][0]) == way[-1][1]:
            raise UpcastersBroken(f"a step leads on from {_schema_name(way[-1])}, which is the newest")
        if step.leads_to in way:
            raise UpcastersBroken(f"steps lead in a circle: {', '.join(map(_schema_name, [*way, step.leads_to]))}")
        way.append(step.leads_to)
    type_, version = way[-1]
    if newest.get(type_) != version:
        raise UpcastersBroken(
            f"a step leads to {_schema_name(way[-1])}, and none leads on from there to what is written today"
        )


def _schema_name(schema: Schema) -> str:
    return f"{schema[0]} version {schema[1]}"
