"""What Spotter refuses, each with a sentence for whoever reads it.

Here is the base of all of it, and every refusal that use cases, store or engine raise and a door answers in a way of
its own, by a kind of problem or an exit status. A refusal that only its own room or the next caller tells apart stands
beside what raises it: that a body is too large is known to HTTP alone, that a data directory is in use to starting.
"""

from __future__ import annotations

from typing import NamedTuple


class SpotterError(Exception):
    """Anything Spotter refuses; the message says what, where and how to mend it."""


class Problem(NamedTuple):
    """One thing that is wrong with an input: where (a JSON pointer) and what."""

    pointer: str
    message: str
    did_you_mean: str = ""
    """What was probably meant, if anything is near; the message asks that as well."""

    def within(self, *parts: object) -> Problem:
        """The same problem of what stands at a place of something larger."""
        return self._replace(pointer=pointer(*parts) + self.pointer)


def pointer(*parts: object) -> str:
    """The JSON pointer (RFC 6901) to a value, by the names and places that lead to it.

    >>> pointer("data", "params", "a/hinge")
    '/data/params/a~1hinge'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def meant(pointer: str, message: str, did_you_mean: str, otherwise: str = "") -> Problem:
    """A problem that asks whether something else was meant; where nothing is near, it says something ``otherwise``."""
    if did_you_mean:
        return Problem(pointer, f"{message}. Did you mean {did_you_mean}?", did_you_mean)
    return Problem(pointer, f"{message}; {otherwise}" if otherwise else message)


class InvalidInput(SpotterError):
    """Input that cannot be taken as it is (HTTP 422)."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(": ".join(filter(None, problem[:2])) for problem in problems))
        self.problems = problems


class NotFound(SpotterError):
    """Something asked for does not exist, or not for this caller (HTTP 404); ``did_you_mean`` is what may be meant."""

    def __init__(self, message: str, did_you_mean: str = "") -> None:
        super().__init__(f"{message}. Did you mean {did_you_mean}?" if did_you_mean else message)
        self.did_you_mean = did_you_mean


class Erased(SpotterError):
    """A lifter of whom everything was erased, and whose id is never used again (HTTP 410)."""

    def __init__(self, lifter: str) -> None:
        super().__init__(f"lifter {lifter!r} was erased: nothing can be read or written under this id any more")


class Conflict(SpotterError):
    """What was asked contradicts what is stored (HTTP 409)."""


class IdempotencyConflict(Conflict):
    """An event id came back with other content; the original is kept."""

    def __init__(self, event_id: str, version: int) -> None:
        super().__init__(
            f"event {event_id!r} is already in the log as version {version} with other content; "
            "the original is kept. Correct it with a set_corrected event, or use a new event_id."
        )
        self.event_id = event_id
        self.version = version


class WrongExpectedVersion(Conflict):
    """The log is not at the version the writer expected; nothing was written."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"expected version {expected}, but the log is at version {actual}; nothing was written")
        self.expected = expected
        self.actual = actual


class LogNotEmpty(Conflict):
    """A lifter who was to be imported has a log already; it is left as it is."""

    def __init__(self, lifter: str, version: int) -> None:
        super().__init__(
            f"lifter {lifter!r} has a log already, at version {version}: only a new lifter can be imported"
        )
        self.version = version


class RequestUnderWay(Conflict):
    """A request with this idempotency key is being answered just now; ``retry_after`` is in seconds."""

    retry_after = 1


class IdempotencyKeyReused(SpotterError):
    """An idempotency key came back with another request (HTTP 422)."""


class KeyEnded(SpotterError):
    """An API key that was valid once and is no longer; the message says since when and why (HTTP 401)."""


class KeyNotActive(Conflict):
    """An API key that expired or was revoked, and can therefore not be rotated."""


class TooManyKeys(Conflict):
    """A gym has as many valid API keys as it may."""


class TooManyProgrammes(Conflict):
    """One programme, or version of one, more than a gym may have (HTTP 409)."""


class TaskUnderWay(Conflict):
    """A task of the same kind is under way for the gym (HTTP 409)."""


class GymSuspended(SpotterError):
    """A gym whose keys are refused for the time being (HTTP 403)."""


class NotASandbox(Conflict):
    """A gym that is no sandbox: its time is everybody's, and its lifters stay."""

    def __init__(self, gym: str) -> None:
        super().__init__(
            f"the gym {gym!r} is no sandbox, whose clock could be set and whose lifters could all be taken away; "
            "`spotter gyms add sandbox-NAME --sandbox` makes one"
        )


class ClockGoesForward(Conflict):
    """A time for a sandbox's clock that is before what it shows."""

    def __init__(self, asked: str, shows: str) -> None:
        super().__init__(f"{asked} is before {shows}, which the clock of this sandbox shows; it only goes forward")
        self.shows = shows


class TooManyWebhooks(Conflict):
    """A webhook beyond those that a gym may have."""


class ChangesGone(SpotterError):
    """A place in a feed from which it can no longer be read without a gap (HTTP 410)."""


class Unavailable(SpotterError):
    """A part that Spotter needs does not answer just now (HTTP 503).

    ``retry_after`` is in seconds. ``inside`` is for whoever runs this Spotter alone: addresses, a server's words.
    """

    def __init__(self, message: str, retry_after: int = 1, inside: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.inside = inside

    @property
    def in_full(self) -> str:
        """The message, and what is inside, for logs and the command line."""
        return f"{self}: {self.inside}" if self.inside else str(self)


class TooMuchToReplay(SpotterError):
    """More of a log would have to be replayed than the process that was asked does itself; nothing was done of it."""

    def __init__(self, events: int) -> None:
        super().__init__(f"{events} events would have to be replayed, more than this process does itself")


class NeedsNewerSpotter(Unavailable):
    """What a newer Spotter stored and this one cannot use, while one machine after the other is upgraded (HTTP 503)."""

    def __init__(self, message: str, inside: str = "") -> None:
        super().__init__(message, retry_after=30, inside=inside)


class Poisoned(SpotterError):
    """An event that cannot be folded: its lifter is parked at the version before it."""

    def __init__(self, version: int, event_id: str, why: str) -> None:
        super().__init__(f"event {event_id!r} (version {version}) cannot be replayed: {why}")
        self.version = version
        self.event_id = event_id
        self.why = why


class RuleError(NamedTuple):
    """One mistake in a rule file; lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str
    width: int = 0
    """How many characters from there on are wrong; 0: the word there."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RuleSetInvalid(SpotterError):
    """Rule files that do not check; they are never used."""

    def __init__(self, errors: list[RuleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors
