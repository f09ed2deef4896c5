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

    In that many processes, setting by setting; ``counting`` hears how many settings are done, of how many.
    """
    proven = list(library.schemes.values() if schemes is None else schemes)
    tasks = [_Task(scheme, setting) for scheme in proven for setting in _settings(scheme, library)]
    answers: dict[int, list[Claim]] = {}
    counting(0, len(tasks))
    for place, answer in _answers(tasks, library.files, processes):
        answers[place] = answer
        counting(len(answers), len(tasks))
    for scheme in proven:
        yield scheme, over_settings([answers[n] for n, task in enumerate(tasks) if task.scheme is scheme])


class _Task(NamedTuple):
    """A scheme with the rows that its tables have in one setting: what is proven in one go."""

    scheme: Scheme
    setting: Setting

    @property
    def size(self) -> int:
        """Roughly how long it takes, beside others: what grows with rows and with rules asked after every set."""
        rules = sum(len(rules) for rules in self.scheme.rules.values())
        rows = sum(len(rows) for rows in self.setting.tables.values())
        return rules * (1 + rows)


def _answers(tasks: list[_Task], files: Mapping[str, bytes], processes: int) -> Iterator[tuple[int, list[Claim]]]:
    """Each task's claims with its place, in whatever order they come."""
    if min(processes, len(tasks)) <= 1:
        yield from ((place, _all(*task)) for place, task in enumerate(tasks))
        return
    # Not forked: the solver has threads, and each process needs one of its own.
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=get_context("spawn")) as pool:
        longest_first = sorted(range(len(tasks)), key=lambda place: -tasks[place].size)
        started = {}
        for place in longest_first:
            file = tasks[place].scheme.file
            started[pool.submit(_prove_elsewhere, file, files[file], tasks[place].setting)] = place
        yield from ((started[future], future.result()) for future in as_completed(started))


def _prove_elsewhere(file: str, data: bytes, setting: Setting) -> list[Claim]:
    """In another process: a checked scheme is made again there, for it cannot be sent."""
    (scheme,) = library_from_files({file: data}).schemes.values()
    return _all(scheme, setting)


def _all(scheme: Scheme, setting: Setting) -> list[Claim]:
    return [*claims(scheme, setting), *better_never_less(scheme, setting)]


def over_settings(answers: Sequence[Sequence[Claim]]) -> list[Claim]:
    """Every claim about a scheme over all its settings: what must hold must hold in each, what may be in one."""
    return [
        (min if same[0].somewhere else max)(same, key=lambda claim: claim.rank) for same in zip(*answers, strict=True)
    ]


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
