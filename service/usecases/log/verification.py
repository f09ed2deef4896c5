"""Verifying everything beside other work: one at a time, with how far it is; `spotter verify` does the same at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from service import logs
from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.usecases.log.verify import Verified, Verifier
from service.usecases.log.verify_store import check_store
from service.usecases.services import Services

_MOST_SHOWN: Final = 100

_log = logs.logger("spotter.verification")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a verification is: lifters looked at of all, their events, what is amiss, a few of it in sentences.

    ``ended_at`` is None while it is under way; ``broke_off`` says why it ended before its end.
    """

    started_at: Instant
    lifters: int
    done: int = 0
    events: int = 0
    findings: int = 0
    shown: tuple[str, ...] = ()
    ended_at: Instant | None = None
    broke_off: str | None = None

    def found(self, *sentences: str) -> Standing:
        """With more that is amiss."""
        shown = (*self.shown, *sentences)[:_MOST_SHOWN]
        return replace(self, findings=self.findings + len(sentences), shown=shown)


class Verification:
    """The verification of a process; any number of threads may look at it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: Standing | None = None
        self._stopped = threading.Event()

    @property
    def standing(self) -> Standing | None:
        """How far the newest one is; None where none was begun."""
        return self._standing

    def begin(self, services: Services) -> bool:
        """Begin one; false while one is under way. Raises `Unavailable`."""
        with self._lock:
            if self._standing is not None and self._standing.ended_at is None:
                return False
            lifters = list(services.raw_reads.lifters())
            self._stopped.clear()
            self._standing = Standing(services.clock(), len(lifters))
        thread = threading.Thread(target=self._run, args=[services, lifters], name="verification", daemon=True)
        thread.start()
        return True

    def stop(self) -> None:
        """Have the one that is under way break off."""
        self._stopped.set()

    def _run(self, services: Services, lifters: list[LifterRef]) -> None:
        broke_off = None
        try:
            self._verify(services, lifters)
            broke_off = "it was stopped" if self._stopped.is_set() else None
        except Unavailable as error:
            broke_off = error.in_full
        except Exception as error:  # noqa: BLE001 - logged, and said
            _log.exception("broke off")
            broke_off = f"{type(error).__name__}: {error}"
        self._note(lambda standing: replace(standing, ended_at=services.clock(), broke_off=broke_off))

    def _verify(self, services: Services, lifters: list[LifterRef]) -> None:
        problems = check_store(services)
        self._note(lambda standing: standing.found(*(f"the store: {each}" for each in problems)))
        verify = Verifier(services)
        for lifter in lifters:
            if self._stopped.is_set():
                return
            began = time.monotonic()
            verified = verify(lifter, ())
            self._note(partial(_with, verified))
            self._stopped.wait(time.monotonic() - began)  # half of a processor at most: others work here, too

    def _note(self, change: Callable[[Standing], Standing]) -> None:
        with self._lock:
            if self._standing is not None:
                self._standing = change(self._standing)


def _with(verified: Verified, standing: Standing) -> Standing:
    gym, name = verified.lifter
    said = [f"{name} of {gym}, version {version}: {message}" for version, message in verified.findings]
    return replace(standing, done=standing.done + 1, events=standing.events + verified.events).found(*said)
