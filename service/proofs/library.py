"""The proofs of a library, scheme by scheme, with the rows that the scheme and every programme give its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.domain.loads import Unit
from service.engine.files.library import Library
from service.engine.ruleset.parameters import in_unit, value_of
from service.engine.ruleset.scheme import Scheme
from service.proofs.better_never_less import better_never_less
from service.proofs.claims import Claim, claims
from service.proofs.world import Setting


def proofs_of(library: Library, schemes: Iterable[Scheme] | None = None) -> Iterator[tuple[Scheme, list[Claim]]]:
    """The schemes (default: all of the library) with what was claimed of each, and the findings against that."""
    for scheme in library.schemes.values() if schemes is None else schemes:
        yield scheme, prove(scheme, list(_settings(scheme, library)))


def prove(scheme: Scheme, settings: list[Setting]) -> list[Claim]:
    """Every claim about a scheme over all its settings: what must hold must hold in each, what may be in one."""
    proven = []
    for same in zip(*(_all(scheme, setting) for setting in settings), strict=True):
        against = [claim for claim in same if claim.finding is not None]
        holds = len(against) < len(same) if same[0].somewhere else not against
        told = same[0]._replace(finding=None) if holds else against[0]
        held = any if same[0].somewhere else all
        proven.append(told._replace(left_open=not held(not each.left_open for each in same)))
    return proven


def _all(scheme: Scheme, setting: Setting) -> Iterator[Claim]:
    yield from claims(scheme, setting)
    yield from better_never_less(scheme, setting)


def _settings(scheme: Scheme, library: Library) -> Iterator[Setting]:
    """The different rows that a scheme's tables have; a scheme without tables has one setting."""
    given: list[tuple[str, Mapping[str, Any]]] = [("", {})]
    for programme in library.programmes.values():
        slots = [*programme.any, *(slot for day in programme.days for slot in day.slots)]
        uses = [use for slot in slots for use in (slot.progression, *slot.deloads) if use.scheme == scheme.id]
        given += [(programme.file, use.params) for use in uses]
    seen = []
    for where, params in given:
        for unit in _units(scheme):
            tables = {
                name: in_unit(parameter, value_of(parameter, params.get(name, parameter.default)), unit)
                for name, parameter in scheme.parameters.items()
                if parameter.type == "rows"
            }
            if tables not in seen:
                seen.append(tables)
                yield Setting(tables, unit, where)


def _units(scheme: Scheme) -> tuple[Unit, ...]:
    """Both units where a table holds loads; all else is proven for any load."""
    tables = [parameter for parameter in scheme.parameters.values() if parameter.type == "rows"]
    return ("lb", "kg") if any(column.type == "load" for table in tables for column in table.table) else ("lb",)
