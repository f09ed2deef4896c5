"""Whether a Spotter process can serve: how each part is that it works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from service.domain.errors import SpotterError
from service.store.disk_space import disk_space
from service.usecases.services import Services

Part: TypeAlias = dict[str, Any]
"""A part's ``status`` (``ok``, ``degraded``: serving goes on without it, ``unwell``), and what else is to say of it."""


def readiness(services: Services) -> Mapping[str, Part]:
    """Every part by name, asked just now."""
    return {
        "log": _log(services),
        "disk": _disk(services),
        "queue": _queue(services),
        "rules": _rules(services),
        "workers": _workers(services),
        "sweeper": _sweeper(services),
    }


def _log(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        promise = services.promise.check()
        services.promise.check_writable()
        return {"durability": promise.durability, "detail": promise.reason}

    return _part(ask)


def _disk(services: Services) -> dict[str, Any]:
    space = disk_space(services.settings.data_dir)
    if not space.is_low:
        return {"status": "ok", "detail": str(space)}
    if services.settings.embedded_log:
        return {"status": "unwell", "detail": space.why_low}
    return {"status": "degraded", "detail": f"{space}: logs are not kept"}


def _queue(services: Services) -> dict[str, Any]:
    if services.wake.ping():
        return {"status": "ok"}
    return {"status": "unwell", "detail": "the queue's server does not answer; appends are safe, replay waits"}


def _rules(services: Services) -> dict[str, Any]:
    return _part(lambda: {"default": services.default_digest(), "programmes": len(services.rule_sets.published())})


def _workers(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        alive = sum(worker.is_alive for worker in services.workers.all(services.clock()))
        if not alive:
            return {"status": "degraded", "alive": 0, "detail": "no worker is alive; reads replay by themselves"}
        return {"alive": alive}

    return _part(ask, "degraded")


def _sweeper(services: Services) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        if services.workers.sweeper() is None:
            return {"status": "degraded", "detail": "no sweeper swept lately; what a crash leaves behind stays behind"}
        return {}

    return _part(ask, "degraded")


def _part(ask: Callable[[], dict[str, Any]], otherwise: str = "unwell") -> dict[str, Any]:
    """A part as ``ask`` finds it, and ``otherwise`` what it is called where that fails."""
    try:
        return {"status": "ok", **ask()}
    except SpotterError as error:
        return {"status": otherwise, "detail": str(error)}
