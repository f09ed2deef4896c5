"""Webhooks by the Standard Webhooks specification 1.0.0 (standardwebhooks.com): secrets, signatures, when to try again.

Pure: the time, the randomness and the secrets are arguments.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from service.domain.errors import InvalidInput, Problem
from service.domain.instants import HOUR, SECOND, Instant

WEBHOOK_ID: Final = re.compile(r"wh_[0-9a-f]{16}")
MESSAGE_ID: Final = re.compile(r"msg_[0-9a-f]{16}_[0-9]{1,12}(?:_[0-9a-f]{8})?")

SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""

MOST_PER_GYM: Final = 20
LONGEST_URL: Final = 2000

GRACE: Final = 24 * HOUR
"""How long a secret that was replaced still signs."""

DELAYS: Final[Sequence[Instant]] = tuple(seconds * SECOND for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400))
"""Between the attempts at a message; after one more than there are of these it goes to the dead letters."""

GIVEN_UP_AFTER: Final = 72 * HOUR
"""A webhook to which nothing could be delivered for so long is disabled."""


FOR_DEVELOPMENT: Final = (
    " (for development, SPOTTER_WEBHOOKS_PRIVATE_TARGETS=yes lets http:// and private addresses pass)"
)
"""What a refusal of a target adds, for whoever tries this out on their own machine."""


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a gym wants to be told. Secrets are as the specification writes them, ``whsec_`` and base64."""

    id: str
    url: str
    secret: str
    created_at: Instant
    description: str | None = None
    old_secret: str | None = None
    old_until: Instant = 0
    disabled_at: Instant | None = None
    disabled_because: str | None = None

    def secrets(self, now: Instant) -> tuple[str, ...]:
        """The secrets that sign just now, the newest first."""
        old = self.old_secret if now < self.old_until else None
        return (self.secret,) if old is None else (self.secret, old)


class Progress(NamedTuple):
    """How far a webhook has been told.

    ``after`` is the number of the last change delivered, ``until`` that of the last one in the message under way (0:
    none is), ``attempts`` how often that was tried. ``next_at`` is when to try (again), ``failing_since`` since when
    nothing could be delivered, ``error`` what came of the last attempt.
    """

    after: int
    until: int = 0
    attempts: int = 0
    next_at: Instant = 0
    failing_since: Instant | None = None
    error: str | None = None
    last_at: Instant | None = None
    """When something was last delivered."""


class Attempt(msgspec.Struct, frozen=True):
    """An attempt at a message: the numbers of its first and last change, which attempt it was, and what came of it.

    ``at`` is when it began; ``said`` is the answer, or why there was none.
    """

    message_id: str
    first: int
    last: int
    number: int
    at: Instant
    milliseconds: int
    said: str
    taken: bool


class DeadLetter(msgspec.Struct, frozen=True):
    """A message that could not be delivered: the numbers of its first and last change, and how it failed."""

    message_id: str
    first: int
    last: int
    attempts: int
    failed_at: Instant
    error: str


def secret_of(random: bytes) -> str:
    """Random bytes as a secret."""
    return f"whsec_{base64.b64encode(random).decode()}"


def signature(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: a signature for each secret. ``timestamp`` is in seconds since 1970."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def delay_after(attempts: int, chance: float) -> Instant | None:
    """How long to wait after so many attempts that failed; None: no more. ``chance`` (0-1) spreads it by a fifth."""
    return round(DELAYS[attempts - 1] * (0.9 + 0.2 * chance)) if attempts <= len(DELAYS) else None


_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
_URL: Final = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{1,2000}")


def check_url(url: str, *, plain: bool) -> None:
    """Raise `InvalidInput` unless a URL is one that can be called; ``plain`` lets HTTP without TLS pass."""
    problem = _url_problem(url, plain=plain)
    if problem is not None:
        raise InvalidInput(Problem("/url", problem))


def _url_problem(url: str, *, plain: bool) -> str | None:
    if not _URL.fullmatch(url):
        return f"must be a URL of at most {LONGEST_URL} characters, everything else than ASCII escaped"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "must be a URL, such as https://example.com/spotter"
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        return f"must begin with https://{FOR_DEVELOPMENT}"
    host = parts.netloc.rpartition("@")[2]
    host = host if port is None else host.rpartition(":")[0]
    if not _HOST.fullmatch(host):
        return "must name a host, in ASCII"
    if "@" in parts.netloc:
        return "must hold no user and no password: the signature proves who calls"
    return "must have no fragment" if "#" in url else None
