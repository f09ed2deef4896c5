"""What `spotter doctor` looks at: each check says how a thing is and, where it is not well, how to mend it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any, Final, Literal, NamedTuple

import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import RuleSetInvalid, SpotterError, Unavailable
from service.engine.files.library import load_library
from service.running import address
from service.store.connections import answering, connect, primaries_of
from service.store.disk_space import disk_space
from service.store.durability import ServerPromise
from service.store.servers import Memory
from service.usecases.projection.drain import replay_lag

Verdict = Literal["ok", "warn", "fail"]

_LEAST_DISK: Final = 1 << 30
_LEAST_DISK_PART: Final = 0.05
_MOST_MEMORY_PART: Final = 0.8
_MOST_SKEW_S: Final = 2.0
_MOST_BEHIND_S: Final = 30.0
_NAMED: Final = 5
_PATIENCE_S: Final = 2.0
_ON_DISK: Final = "Set appendonly yes and appendfsync always, if 201 is to mean that the event is on disk."
_MENDS: Final = {
    "memory": _ON_DISK,
    "everysec": _ON_DISK,
    "primary": "Set SPOTTER_DURABILITY=replicated, if 201 is to mean that a failover does not lose the event.",
}
_STATUSES: Final = ("aof_last_write_status", "aof_last_bgrewrite_status")


class Finding(NamedTuple):
    """How one thing is; ``mend`` says what to do where it is not well."""

    verdict: Verdict
    about: str
    what: str
    mend: str = ""


def findings(settings: Settings) -> Iterator[Finding]:
    """Everything that can be looked at, in an order in which the first trouble explains the later ones.

    Nothing is changed. What cannot be looked at because something before it failed is left out.
    """
    yield from _settings(settings)
    yield _rules(settings)
    yield _disk(settings)
    log = _guarded("log's server", lambda: _log_server(settings))
    yield from log
    yield from _guarded("queue's server", lambda: _queue_server(settings))
    yield from _guarded("web server", lambda: [_web(settings)])
    if all(finding.verdict != "fail" for finding in log):
        services = bootstrap(replace(settings, api_key=None))  # a key would be added
        yield from _guarded("published rules", lambda: [_published(services)])
        yield from _guarded("workers", lambda: _workers(services))
        yield from _guarded("replay", lambda: _replay(services))


def _guarded(about: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except (SpotterError, redis.RedisError, OSError) as error:
        what = error.in_full if isinstance(error, Unavailable) else str(error)
        return [Finding("fail", about, what, "Start it, or mend the setting that says where it is.")]


def _settings(settings: Settings) -> list[Finding]:
    doubtful = [Finding("warn", "settings", doubt, "Mend or unset it, and start again.") for doubt in settings.doubts]
    return doubtful or [Finding("ok", "settings", "all of them known")]


def _rules(settings: Settings) -> Finding:
    try:
        library = load_library(settings.rules_dir)
    except RuleSetInvalid as error:
        return Finding("fail", "rule files", f"{len(error.errors)} mistake(s)", "`spotter rules check` shows them.")
    return Finding("ok", "rule files", f"{len(library.programmes)} programmes in {settings.rules_dir} check")


def _disk(settings: Settings) -> Finding:
    try:
        space = disk_space(settings.data_dir)
        usage = shutil.disk_usage(space.folder)
    except OSError as error:
        mend = "Run as the user whose Spotter it is, or set SPOTTER_DATA_DIR to a folder of your own."
        return Finding("fail", "disk", f"{settings.data_dir} cannot be looked at: {error.strerror}", mend)
    if space.is_low:
        what = space.why_low if settings.embedded_log else f"{space}: logs are not kept"
        what = f"{what} ({space.folder})"
        return Finding("fail", "disk", what, "Free some: Spotter goes on by itself once there is room.")
    what = f"{usage.free / 2**30:.1f} GiB free under {space.folder}"
    if usage.free < _LEAST_DISK or usage.free < _LEAST_DISK_PART * usage.total:
        mend = "Free some: on a full disk every append is refused (503), and rewriting the log takes its size again."
        return Finding("warn", "disk", what, mend)
    return Finding("ok", "disk", what)


def _log_server(settings: Settings) -> list[Finding]:
    client = connect(settings.redis_url)
    with answering():
        promise = ServerPromise(client, settings.replicas).check()
        servers = primaries_of(client)
        info: list[dict[str, Any]] = [server.info() for server in servers]
        skew = max(abs(_clock_of(server) - time.time()) for server in servers)
    mend = _MENDS.get(promise.durability, "")
    found = [
        Finding("ok", "log's server", f"{len(servers)} answering, {_name_of(info[0])}; noeviction"),
        Finding("warn" if mend else "ok", "durability", promise.reason, mend),
    ]
    for each in info:
        failing = [name for name in _STATUSES if each.get(name, "ok") != "ok"]
        if failing:
            found.append(
                Finding("fail", "persistence", ", ".join(failing), "Its log says why; mostly the disk is full.")
            )
        memory = Memory.of(each)
        if memory.most and memory.used > _MOST_MEMORY_PART * memory.most:
            used = f"{memory.used / 2**20:,.0f} of {memory.most / 2**20:,.0f} MiB"
            found.append(Finding("warn", "memory", used, "Give it more: out of memory it refuses every append (503)."))
    return [*found, _skew(skew)]


def _name_of(info: dict[str, Any]) -> str:
    """What a server is; a Valkey tells beside its own version that of the Redis whose commands it has."""
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info.get('redis_version')}"


def _clock_of(server: Any) -> float:
    seconds, microseconds = server.time()
    return float(seconds) + float(microseconds) / 1e6


def _skew(seconds: float) -> Finding:
    what = f"{seconds:.1f} s between this machine and the log's server"
    if seconds > _MOST_SKEW_S:
        return Finding("warn", "clocks", what, "Run an NTP client on both: what is recorded when follows clocks.")
    return Finding("ok", "clocks", what)


def _queue_server(settings: Settings) -> list[Finding]:
    with redis.Redis.from_url(settings.queue_url, socket_connect_timeout=1.0, socket_timeout=5.0) as client:
        policy = client.info("memory").get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        mend = "Set maxmemory-policy noeviction: RQ's jobs and workers are keys like any other."
        return [Finding("warn", "queue's server", f"answers, with maxmemory-policy {policy}", mend)]
    return [Finding("ok", "queue's server", "answers; noeviction")]


def _web(settings: Settings) -> Finding:
    where = address.url(settings)
    connection = HTTPConnection(address.reachable(settings.host), settings.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/livez")
        served = b'"status"' in connection.getresponse().read()
    except ConnectionRefusedError:
        return Finding("warn", "web server", f"nobody listens on {where}", "`spotter run` starts it.")
    except (OSError, ValueError):
        served = False
    finally:
        connection.close()
    if served:
        return Finding("ok", "web server", f"Spotter answers on {where}")
    mend = "Stop what listens there, or set SPOTTER_PORT to another port."
    return Finding("fail", "web server", f"something that is not Spotter listens on {where}", mend)


def _published(services: Services) -> Finding:
    library, published = load_library(services.settings.rules_dir), services.archive.published()
    if not published:
        return Finding("fail", "published rules", "none", "`spotter rules publish`, or `spotter run`, publishes them.")
    missing = [name for name, digest in published.items() if services.archive.get(digest) is None]
    if missing:
        mend = "Their archive is gone from the store: restore a backup, or publish them anew."
        return Finding("fail", "published rules", f"no files of {', '.join(sorted(missing))}", mend)
    changed = [name for name in library.programmes if published.get(name) != library.rule_set(name).digest]
    if changed:
        mend = "`spotter rules publish`, if what is in the files is what is meant."
        return Finding("warn", "published rules", f"files differ of {', '.join(sorted(changed)[:_NAMED])}", mend)
    return Finding("ok", "published rules", f"{len(published)} programmes, the same as in the files")


def _workers(services: Services) -> list[Finding]:
    alive = [worker for worker in services.workers.all(services.clock()) if worker.is_alive]
    hosts = {worker.host for worker in alive}
    sweeper = services.workers.sweeper()
    failed = sum(queue.failed for queue in services.workers.queues(services.clock(), failed=0))
    return [
        Finding("ok", "workers", f"{len(alive)} alive on {len(hosts)} machine(s)")
        if alive
        else Finding("fail", "workers", "none is alive", "`spotter run`, or `python -m workers.worker` somewhere."),
        Finding("ok", "sweeper", f"swept just now ({sweeper})")
        if sweeper
        else Finding("fail", "sweeper", "none swept lately", "`spotter run`, or one `python -m workers.sweeper`."),
        Finding("warn", "failed jobs", f"{failed:,} kept", "`spotter queues` shows them and why.")
        if failed
        else Finding("ok", "failed jobs", "none"),
    ]


def _replay(services: Services) -> list[Finding]:
    lag, parked = replay_lag(services), services.projections.parked_lifters(_NAMED)
    what = f"{lag.lifters:,} lifter(s) behind, the longest for {lag.seconds:.0f} s"
    names = ", ".join(f"{lifter.lifter} of {lifter.gym}" for lifter in parked[:_NAMED])
    return [
        Finding("warn", "replay", what, "More workers, or look into their logs. Reads are right all the same.")
        if lag.seconds > _MOST_BEHIND_S
        else Finding("ok", "replay", what),
        Finding("warn", "parked lifters", names, "`spotter next` says at which event; `spotter verify` looks closer.")
        if parked
        else Finding("ok", "parked lifters", "none"),
    ]
