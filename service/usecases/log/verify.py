"""Proving that a store was not tampered with: everything is read as it lies there, and replayed from nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import Final, NamedTuple

from service import logs
from service.config import Settings
from service.domain.anchors import Anchor
from service.domain.errors import SpotterError, Unavailable
from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.identifiers import LifterRef
from service.domain.prescription import PrescriptionId
from service.engine.replay.projection import Run
from service.engine.verify.checks import (
    Replay,
    check_heads,
    check_ladder,
    check_log,
    check_projection,
    check_tombstone,
)
from service.engine.verify.stored import Finding
from service.engine.verify.told import check_marks, check_told
from service.engine.version import ENGINE_VERSION
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.lifter.explain import derive
from service.usecases.log.verify_store import rule_set_problem
from service.usecases.services import Services

_LIFTERS_AT_ONCE: Final = 4
"""Lifters that a process is given together: few, for one may have a log as long as a hundred others'."""

_log = logs.logger("spotter.verify")


class Verified(NamedTuple):
    """What is wrong with a lifter's data. ``events`` were read, up to the first gap, where the chain is ``log_head``.

    ``foreign``: how many derivations were left alone because another engine made them.
    """

    lifter: LifterRef
    events: int
    log_head: bytes
    findings: list[Finding]
    foreign: int = 0


def verify(
    services: Services,
    lifters: Sequence[LifterRef],
    anchors: Mapping[LifterRef, Sequence[Anchor]],
    *,
    processes: int,
    start: Callable[[Settings], Services],
) -> Iterator[Verified]:
    """Verify lifters, each against their anchors too, in that many processes; results come in the order of lifters.

    ``start`` gives another process services of its own. Raises `Unavailable` when the database does not answer.
    """
    theirs = [anchors.get(lifter, ()) for lifter in lifters]
    if processes == 1:
        yield from map(Verifier(services), lifters, theirs)
        return
    # Not forked: a process of many threads and open connections cannot be copied safely.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        one = partial(_verify_one, start, services.settings)
        yield from pool.map(one, lifters, theirs, chunksize=_LIFTERS_AT_ONCE)


class Verifier:
    """Verifies one lifter after the other; checks each rule set once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rule_set_problem: Callable[[str], str | None] = cache(partial(rule_set_problem, services))

    def __call__(self, lifter: LifterRef, anchors: Sequence[Anchor]) -> Verified:
        """Everything that is amiss with a lifter."""
        try:
            return self._verified(lifter, anchors)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - logged and reported
            # Whoever tampers may leave what nobody thought of; the others are to be verified all the same.
            _log.exception("cannot verify", gym=lifter.gym, lifter=lifter.log_name)
            finding = Finding(0, f"what is stored cannot even be verified: {type(error).__name__}: {error}")
            return Verified(lifter, 0, GENESIS, [finding])

    def _verified(self, lifter: LifterRef, anchors: Sequence[Anchor]) -> Verified:
        stored = self._services.raw_reads.read(lifter)
        if not stored.marks.there and (tombstone := self._services.erasures.find(lifter)) is not None:
            return Verified(lifter, 0, GENESIS, list(check_tombstone(tombstone.events, tombstone.log_head, anchors)))
        findings, run, rule_sets = check_log(stored)
        findings += check_marks(stored)
        problems = [
            Finding(version, f"the rule set that this version pins, {digest}, {problem}")
            for digest, version in rule_sets.items()
            if (problem := self._rule_set_problem(digest)) is not None
        ]
        findings += problems
        if not problems and run.default is not None:
            findings += self._misassigned(run)
        if not problems:  # without its rules nothing can be replayed
            replay = Replay(run, self._services.plans)
            findings += check_ladder(stored, replay)
            findings += check_projection(stored, replay)
            findings += check_told(lifter.lifter, stored, replay)
        findings += check_heads(run, anchors)
        foreign = 0
        for anchor in anchors:
            if anchor.prescription_id is None or anchor.version > run.last:
                continue
            try:
                asked = PrescriptionId.decode(anchor.prescription_id)
            except ValueError as error:
                findings.append(Finding(anchor.version, f"an anchor has {anchor.prescription_id}: {error}"))
                continue
            if asked.engine != ENGINE_VERSION:
                foreign += 1
            elif (problem := self._derivation_problem(run, anchor, asked)) is not None:
                findings.append(Finding(anchor.version, f"prescription {anchor.prescription_id} {problem}"))
        return Verified(lifter, run.last, extend_chain(GENESIS, run.sha256s), sorted(findings), foreign)

    def _misassigned(self, run: Run) -> Iterator[Finding]:
        """What is pinned for whoever follows no programme is a rule set of the default programme."""
        programme = self._services.rule_sets.get(run.default or "").programme.id
        if programme != DEFAULT_PROGRAMME:
            yield Finding(run.pinned_at, f"the default rule set that this version pins is one of {programme}")

    def _derivation_problem(self, run: Run, anchor: Anchor, asked: PrescriptionId) -> str | None:
        if asked.version != anchor.version:
            return f"is of version {asked.version}"
        try:
            proof = derive(run.until(asked.version), self._services.plans, anchor.lifter, asked)
        except SpotterError as error:
            return f"can no longer be derived: {error}"
        return None if proof["sha256"] == anchor.sha256 else f"is derived otherwise now: as {proof['sha256']}"


def _verify_one(
    start: Callable[[Settings], Services], settings: Settings, lifter: LifterRef, anchors: Sequence[Anchor]
) -> Verified:
    return _verifier(start, settings)(lifter, anchors)


@cache
def _verifier(start: Callable[[Settings], Services], settings: Settings) -> Verifier:
    """The verifier of this process."""
    return Verifier(start(settings))
