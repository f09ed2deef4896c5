"""Previewing a rollout: what it would change for everybody whom it concerns, worked out by all workers there are."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Final

import msgspec

from service.domain.instants import Instant
from service.engine.changes.rollout_effect import Effect
from service.store import key_names
from service.usecases.rules.rollout import Rollout, effect_on
from service.usecases.services import Services

_AT_ONCE: Final = 8
"""Jobs given out at a time: enough for many workers, and few enough for wake-ups to come in between."""

_LOOK_EVERY_S: Final = 0.05
_BEAT_EVERY_S: Final = 1.0

_encode = msgspec.json.Encoder(decimal_format="string").encode
_decode = msgspec.json.Decoder(Effect).decode


def preview_rollout(services: Services, rollout: Rollout, on_progress: Callable[[int, int], None]) -> Effect:
    """What the rollout, made now, would change; ``on_progress`` gets how many partitions are done, and of how many.

    Each partition is a job for any worker; those of a killed worker are given out again. While there is no worker,
    they are run here.
    """
    now = services.clock()
    run = secrets.token_hex(8)
    effects: dict[int, Effect] = {}
    while missing := [partition for partition in range(key_names.PARTITIONS) if partition not in effects]:
        if services.rollout_previews.worker_count():
            for partition in missing[:_AT_ONCE]:
                services.rollout_previews.give_out(run, partition, (*rollout, now))
            time.sleep(_LOOK_EVERY_S)
            results = services.rollout_previews.results(run)
            effects |= {partition: _decode(result) for partition, result in results.items() if partition in missing}
        else:
            effects[missing[0]] = _effect(services, missing[0], rollout, now, lambda: None)
        on_progress(len(effects), key_names.PARTITIONS)
    return reduce(add, (effects[partition] for partition in sorted(effects)))


def preview_partition(services: Services, run: str, partition: int, rollout: Rollout, now: Instant) -> None:
    """What a worker does for a preview: one partition, saying every second that it is at it."""
    due = 0.0

    def beat() -> None:
        nonlocal due
        if time.monotonic() >= due:
            services.rollout_previews.at_work(run, partition)
            due = time.monotonic() + _BEAT_EVERY_S

    services.rollout_previews.done(run, partition, _encode(_effect(services, partition, rollout, now, beat)))


def _effect(services: Services, partition: int, rollout: Rollout, now: Instant, beat: Callable[[], None]) -> Effect:
    return effect_on(services, rollout, services.log.lifters([partition]), now, beat)
