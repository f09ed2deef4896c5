"""Sandboxes: their clocks, and taking all their lifters away."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from msgspec.structs import replace

from service.domain.errors import ClockGoesForward, InvalidInput, Problem, Unavailable
from service.domain.gyms import Sandbox
from service.domain.instants import DAY, Instant, parse, render
from service.store import key_names
from service.usecases.services import Services

MOST_DAYS: Final = 366
"""How far a clock is set ahead at once: every day of it is gone through for every lifter."""

_EARLIEST: Final[Instant] = parse("1901-01-01T00:00:00Z")
_LATEST: Final[Instant] = parse("2199-01-01T00:00:00Z")
"""A clock keeps so far from the first and the last time there is: what is prescribed is valid some days beyond."""

RESET: Final = "reset"
"""Who the tombstones of a reset that is under way say has erased."""


class Clock(NamedTuple):
    """The present instant of a gym, and whether it is a sandbox, whose clock stands there until it is set again."""

    now: Instant
    sandbox: bool


class Reset(NamedTuple):
    """How many lifters were taken away, and where the clock of the sandbox stands since."""

    lifters: int
    now: Instant


def read_clock(services: Services, gym: str) -> Clock:
    """The clock of a gym, which shows everybody's time if it is no sandbox."""
    sandbox = services.sandboxes.find(gym)
    return Clock(services.clock(), sandbox=False) if sandbox is None else Clock(sandbox.now, sandbox=True)


def set_clock(services: Services, gym: str, now: Instant) -> Clock:
    """Set the clock of a sandbox, forward only, and wake workers for whatever has become due by it.

    Raises `NotASandbox`, `ClockGoesForward`, `InvalidInput` for a time too far ahead, and `Unavailable` while the
    sandbox is being reset.
    """

    def forward(sandbox: Sandbox) -> Sandbox:
        _check_open(sandbox)
        _check_time(now)
        if now < sandbox.now:
            raise ClockGoesForward(render(now), render(sandbox.now))
        if now > sandbox.now + MOST_DAYS * DAY:
            raise InvalidInput(Problem("/now", f"is more than {MOST_DAYS} days ahead: set it in several steps"))
        return replace(sandbox, now=now)

    sandbox = services.sandboxes.amend(gym, forward)
    wake_due(services, {gym: sandbox})
    return Clock(sandbox.now, sandbox=True)


def wake_due(services: Services, sandboxes: Mapping[str, Sandbox]) -> set[int]:
    """Mark the lifters of sandboxes as behind for whom time has changed something, and wake their groups; which."""
    clocks = {gym: sandbox.now for gym, sandbox in sandboxes.items()}
    groups = {key_names.group_of(number) for number in services.projections.come_due(clocks)} if clocks else set()
    return {group for group in sorted(groups) if services.wake.wake(group)}


def recording_at(services: Services, gym: str) -> Instant:
    """When what is written about a lifter of a gym is recorded: now. Raises `Unavailable` while that is being reset."""
    sandbox = services.sandboxes.find(gym)
    if sandbox is None:
        return services.clock()
    _check_open(sandbox)
    return sandbox.now


def reset(services: Services, gym: str, now: Instant | None = None) -> Reset:
    """Take all lifters of a sandbox away, whose ids can be used anew, and set its clock to ``now``, else to ours.

    Until it is done nothing is written about a lifter of the gym. May be stopped anywhere: the sweeper goes on with it,
    and so does asking again. Raises `NotASandbox`, `InvalidInput`, and `Unavailable` while somebody else is at it.
    """
    if now is not None:
        _check_time(now)
    begun = Sandbox(services.clock() if now is None else now, resetting=True)
    with _alone(services, gym) as taker:
        services.sandboxes.amend(gym, lambda _: begun)
        return Reset(_take_away(services, gym, taker), begun.now)


def go_on_resetting(services: Services, sandboxes: Mapping[str, Sandbox]) -> None:
    """Finish the resets that were stopped."""
    for gym in [gym for gym, sandbox in sandboxes.items() if sandbox.resetting]:
        # Somebody is at it, or a server is away: the next sweep looks again.
        with suppress(Unavailable), _alone(services, gym) as taker:
            _take_away(services, gym, taker)


@contextmanager
def _alone(services: Services, gym: str) -> Iterator[str]:
    """Have the sole right to reset a sandbox; the name under which one has it."""
    taker = secrets.token_hex(8)
    services.sandboxes.lease(gym, taker)
    try:
        yield taker
    finally:
        services.sandboxes.release(gym, taker)


def _take_away(services: Services, gym: str, taker: str) -> int:
    """Do all of a reset that has begun; how many lifters there were to be taken away."""
    _check_begun(services, gym)
    count = 0
    while lifters := list(services.log.lifters_of(gym)):
        for lifter in lifters:
            services.sandboxes.lease(gym, taker)
            _check_begun(services, gym)
            services.feeds.keep_out(lifter)
            services.erasures.erase(lifter, at=services.clock(), by=RESET)
            count += 1
    services.feeds.begin_anew(gym)
    services.answers.forget(gym)
    services.rollout_previews.forget()
    erased = services.feeds.erased(gym)
    services.erasures.lift(gym, erased)
    services.feeds.let_in(gym, erased)
    services.sandboxes.amend(gym, lambda sandbox: replace(sandbox, resetting=False))
    return count


def _check_begun(services: Services, gym: str) -> None:
    """Raise `Unavailable` where somebody else has finished a reset: whoever is there now came after it."""
    sandbox = services.sandboxes.find(gym)
    if sandbox is None or not sandbox.resetting:
        raise Unavailable("the sandbox was reset by somebody else meanwhile")


def _check_time(now: Instant) -> None:
    if not _EARLIEST <= now < _LATEST:
        raise InvalidInput(Problem("/now", "must be between the years 1901 and 2199"))


def _check_open(sandbox: Sandbox) -> None:
    if sandbox.resetting:
        raise Unavailable("the sandbox is being reset just now; send it again", retry_after=2)
