"""What can be set from outside, read once at the start: the only module that looks at the environment."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self, TypeVar, get_args
from urllib.parse import quote, urlsplit

from service.domain.errors import SpotterError
from service.engine.ruleset.suggestions import suggestion
from service.logs import Level
from service.package_data import package_data

Durability = Literal["auto", "replicated"]

_Word = TypeVar("_Word", bound=str)

# The kernel's limit for a unix socket's path is 108 bytes on Linux, 104 on macOS, the final NUL included.
_LONGEST_SOCKET_PATH = 103

MOST_REQUESTS = 999_999_999
"""The largest limit of requests a minute, in effect none."""

_PREFIX = "SPOTTER_"

_SAFE_KEY = 16
"""Characters of a key that nobody guesses."""

# OpenTelemetry's own names; it reads the rest of what concerns traces by itself.
_TRACES_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_ONE_SERVER = ("redis", "rediss", "unix")
_ANY_SERVER = (*_ONE_SERVER, "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")


# As a browser writes it (RFC 6454, section 6.2); the web views of apps have schemes of their own (capacitor://localhost).
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_DEFAULT_PORTS = (("http", "80"), ("https", "443"))
_PORTS = 65535


class InvalidSetting(SpotterError):
    """An environment variable has a value that Spotter cannot work with; the message names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything configurable, checked and with defaults filled in.

    `redis_url` is the server of the log and the projections, `queue_url` that of the jobs. Where
    `embedded_log` or `embedded_queue` is true, nobody named that server: `spotter run` starts one of its own
    and the URL is the unix socket that it will listen on. `data_dir` and `rules_dir` are absolute.
    `replicas` is how many replicas must confirm an append when `durability` is "replicated", else 0. `rate_limit` is
    how many requests a minute a key may make that has no limit of its own. What is less grave than `log_level` is not
    logged. `traces` says whether there is an OpenTelemetry endpoint to send traces to.
    `costly_at_once` is how many costly requests each web process has worked on at once.
    `changes_kept` is how many changes the feed of a gym holds, the newest. `private_targets` lets webhooks call any
    address, without TLS too. `cors_origins` are the origins whose pages may ask, as browsers send them.
    `operator_port` is where the operator's page listens on 127.0.0.1, and nowhere else; None for nowhere.
    `behind_proxy`: one in front takes care of slow clients, so nothing here does.
    `doubts` are sentences about what was taken as it is, and is probably not what was meant.
    """

    redis_url: str
    queue_url: str
    embedded_log: bool
    embedded_queue: bool
    host: str
    port: int
    operator_port: int | None
    data_dir: Path
    rules_dir: Path
    api_key: str | None
    workers: int
    web_processes: int
    costly_at_once: int
    durability: Durability
    replicas: int
    rate_limit: int
    changes_kept: int
    log_level: Level
    traces: bool
    private_targets: bool
    behind_proxy: bool
    cors_origins: tuple[str, ...]
    doubts: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings from `SPOTTER_*` variables; an empty one counts as not set.

        Raises `InvalidSetting` for the first value that makes no sense.
        """
        read = _Environment(environ)
        data_dir = read.path("SPOTTER_DATA_DIR", Path("var"))
        redis_url = read.url("SPOTTER_REDIS_URL", _ANY_SERVER)
        queue_url = read.url("SPOTTER_QUEUE_URL", _ONE_SERVER)
        durability = read.one_of("SPOTTER_DURABILITY", get_args(Durability), "auto")
        replicas = read.whole_number("SPOTTER_REPLICAS", 1, at_least=1, at_most=16)
        settings = cls(
            redis_url=redis_url or _socket_url(data_dir, "log.sock"),
            queue_url=queue_url or _socket_url(data_dir, "queue.sock"),
            embedded_log=redis_url is None,
            embedded_queue=queue_url is None,
            host=read.text("SPOTTER_HOST") or "127.0.0.1",
            port=read.whole_number("SPOTTER_PORT", 8080, at_least=1, at_most=65535),
            operator_port=read.whole_number("SPOTTER_OPERATOR_PORT", 0, at_least=1, at_most=65535) or None,
            data_dir=data_dir,
            rules_dir=read.path("SPOTTER_RULES_DIR", package_data("rules")),
            api_key=read.key("SPOTTER_API_KEY"),
            workers=read.whole_number("SPOTTER_WORKERS", 2, at_least=1, at_most=256),
            web_processes=read.whole_number("SPOTTER_WEB_PROCESSES", 2, at_least=1, at_most=256),
            costly_at_once=read.whole_number("SPOTTER_COSTLY_AT_ONCE", 4, at_least=1, at_most=64),
            durability=durability,
            replicas=replicas if durability == "replicated" else 0,
            rate_limit=read.whole_number("SPOTTER_RATE_LIMIT", 300_000, at_least=1, at_most=MOST_REQUESTS),
            changes_kept=read.whole_number("SPOTTER_CHANGES_KEPT", 100_000, at_least=1, at_most=100_000_000),
            log_level=read.one_of("SPOTTER_LOG_LEVEL", get_args(Level), "info"),
            traces=read.text("OTEL_SDK_DISABLED") != "true" and any(map(read.text, _TRACES_ENDPOINTS)),
            behind_proxy=read.one_of("SPOTTER_BEHIND_PROXY", ("yes", "no"), "no") == "yes",
            cors_origins=read.origins("SPOTTER_CORS_ORIGINS"),
            private_targets=read.one_of("SPOTTER_WEBHOOKS_PRIVATE_TARGETS", ("yes", "no"), "no") == "yes",
        )
        return replace(settings, doubts=(*_weak_key(settings.api_key), *read.passed_over()))


class _Environment:
    """Typed, checked reading of single variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()

    def passed_over(self) -> Iterator[str]:
        """A sentence for each variable that looks like one of ours, and is none that was read."""
        ours = {name for name in self._known if name.startswith(_PREFIX)}
        for name in sorted(self._environ):
            if name.startswith(_PREFIX) and name not in ours and self.text(name) is not None:
                meant = suggestion(name.removeprefix(_PREFIX), [each.removeprefix(_PREFIX) for each in ours])
                yield f"{name} is no setting of Spotter and is passed over.{meant.replace('mean ', 'mean ' + _PREFIX)}"

    def text(self, name: str) -> str | None:
        self._known.add(name)
        return self._environ.get(name, "").strip() or None

    def whole_number(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text) or not at_least <= int(text) <= at_most:
            raise InvalidSetting(f"{name} must be a whole number from {at_least} to {at_most}, not {text!r}.")
        return int(text)

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name) or default).expanduser().absolute()

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        text = self.text(name)
        if text is not None and urlsplit(text).scheme not in schemes:
            allowed = ", ".join(f"{scheme}://" for scheme in schemes)
            # The URL itself may hold a password, so only its scheme is repeated.
            raise InvalidSetting(f"{name} must start with one of {allowed}; its scheme is {urlsplit(text).scheme!r}.")
        return text

    def key(self, name: str) -> str | None:
        text = self.text(name)
        if text is not None and not re.fullmatch(r"[!-~]{1,256}", text):
            raise InvalidSetting(f"{name} must be at most 256 visible ASCII characters without spaces.")
        return text

    def origins(self, name: str) -> tuple[str, ...]:
        origins = tuple(filter(None, re.split(r"[\s,]+", self.text(name) or "")))
        for origin in origins:
            match = _ORIGIN.fullmatch(origin)
            if match is None or (match["scheme"], match["port"]) in _DEFAULT_PORTS or int(match["port"] or 1) > _PORTS:
                raise InvalidSetting(
                    f"{name} must be origins as browsers send them, such as https://app.example or "
                    "http://localhost:5173: scheme, host in lower case, and the port unless it is the scheme's own; "
                    f"no path, no *, not null. {origin!r} is none."
                )
        return origins

    def one_of(self, name: str, allowed: Sequence[_Word], default: _Word) -> _Word:
        text = self.text(name)
        if text is None:
            return default
        for word in allowed:
            if text == word:
                return word
        *first, last = map(repr, allowed)
        raise InvalidSetting(f"{name} must be {', '.join(first)} or {last}, not {text!r}.")


def _weak_key(key: str | None) -> Iterator[str]:
    """Doubts about a first key; nothing of it is repeated."""
    if key is not None and (len(key) < _SAFE_KEY or len(set(key)) < _SAFE_KEY // 2):
        yield (
            "SPOTTER_API_KEY is weak: whoever guesses it may do everything. Take at least "
            f"{_SAFE_KEY} random characters, such as those of `openssl rand -hex 16`."
        )


def _socket_url(data_dir: Path, name: str) -> str:
    """Say where an embedded server listens: in the data directory, or in /tmp when that path is too long.

    The same data directory always gives the same path, so that the command line finds a running server.
    """
    socket_path = data_dir / name
    if len(os.fsencode(socket_path)) > _LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        # Not tempfile.gettempdir(): it differs between a user's shells, and may itself be long.
        socket_path = Path("/tmp") / f"spotter-{digest}" / name  # noqa: S108 - made private by the supervisor
    return f"unix://{quote(os.fsencode(socket_path))}"
