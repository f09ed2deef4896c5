"""The proofs of a library, scheme by scheme, with the rows that the scheme and every programme give its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any, NamedTuple

from service.domain.loads import Unit
from service.engine.files.library import Library, library_from_files
from service.engine.ruleset.parameters import in_unit, value_of
from service.engine.ruleset.scheme import Scheme
from service.proofs.better_never_less import better_never_less
from service.proofs.claims import Claim, claims
from service.proofs.world import Setting


def proofs_of(
    library: Library,
    schemes: Iterable[Scheme] | None = None,
    *,
    processes: int = 1,
    counting: Callable[[int, int], None] = lambda _done, _of: None,
) -> Iterator[tuple[Scheme, list[Claim]]]:
    """The schemes (default: all of the library) with what was claimed of each, in their order, and what was found.

    In that many processes; ``counting`` hears how many schemes are done, of how many.
    """
    tasks = [
        _Task(scheme, list(_settings(scheme, library)))
        for scheme in (library.schemes.values() if schemes is None else schemes)
    ]
    answers: dict[int, list[Claim]] = {}
    counting(0, len(tasks))
    for place, answer in _answers(tasks, library.files, processes):
        answers[place] = answer
        counting(len(answers), len(tasks))
    yield from ((task.scheme, answers[place]) for place, task in enumerate(tasks))


class _Task(NamedTuple):
    """A scheme with the rows that its tables have in each of its settings."""

    scheme: Scheme
    settings: list[Setting]

    @property
    def size(self) -> int:
        """Roughly how long it takes, beside others."""
        rules = sum(len(rules) for rules in self.scheme.rules.values())
        return rules * sum(1 + sum(len(rows) for rows in setting.tables.values()) for setting in self.settings)


def _answers(tasks: list[_Task], files: Mapping[str, bytes], processes: int) -> Iterator[tuple[int, list[Claim]]]:
    """Each task's claims with its place, in whatever order they come."""
    if min(processes, len(tasks)) <= 1:
        yield from ((place, prove(*task)) for place, task in enumerate(tasks))
        return
    # A process for each scheme: what the solver was asked before changes how long it takes. Not forked: it has threads.
    context = get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=context, max_tasks_per_child=1) as pool:
        longest_first = sorted(range(len(tasks)), key=lambda place: -tasks[place].size)
        started = {}
        for place in longest_first:
            scheme, settings = tasks[place]
            started[pool.submit(_prove_elsewhere, scheme.file, files[scheme.file], settings)] = place
        yield from ((started[future], future.result()) for future in as_completed(started))


def _prove_elsewhere(file: str, data: bytes, settings: list[Setting]) -> list[Claim]:
    """In another process: a checked scheme is made again there, for it cannot be sent."""
    (scheme,) = library_from_files({file: data}).schemes.values()
    return prove(scheme, settings)


def prove(scheme: Scheme, settings: Iterable[Setting]) -> list[Claim]:
    """Every claim about a scheme over all its settings."""
    return over_settings([[*claims(scheme, setting), *better_never_less(scheme, setting)] for setting in settings])


def over_settings(answers: Sequence[Sequence[Claim]]) -> list[Claim]:
    """Every claim about a scheme over all its settings: what must hold must hold in each, what may be in one."""
    return [
        (min if same[0].somewhere else max)(same, key=lambda claim: claim.rank) for same in zip(*answers, strict=True)
    ]


def _settings(scheme: Scheme, library: Library) -> Iterator[Setting]:
    """The different rows that a scheme's tables have; a scheme without tables has one setting."""
    given: list[tuple[str, Mapping[str, Any]]] = [("", {})]
    for programme in library.programmes.values():
        uses = [use for slot in programme.slots for use in (slot.progression, *slot.deloads) if use.scheme == scheme.id]
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
