"""The composition root: puts the parts of a Spotter process together, once, from its settings."""

from __future__ import annotations

import time
from functools import partial

from service import logs, traces
from service.config import Settings
from service.domain.event_encoding import check_schemas
from service.domain.instants import Instant
from service.engine.replay.bound_programme import Plans
from service.store import key_names
from service.store.api_keys import ApiKeys
from service.store.archive import RuleSetArchive
from service.store.backups import Backups
from service.store.browser_sessions import BrowserSessions
from service.store.connections import connect, when_served
from service.store.durability import ServerPromise
from service.store.erasures import Erasures
from service.store.feeds import Feeds
from service.store.file_rewrites import FileRewrites
from service.store.gym_programmes import GymProgrammes
from service.store.gyms import Gyms
from service.store.idempotency_keys import Answers
from service.store.imports_under_way import ImportsUnderWay
from service.store.lifter_tokens import LifterTokens
from service.store.log import EventLog
from service.store.log_transfer import LogTransfers
from service.store.long_tasks import LongTasks
from service.store.mapped_names import MappedNames
from service.store.projections import Projections
from service.store.rate_limits import RateLimits
from service.store.raw_reads import RawReads
from service.store.rollout_preview_jobs import RolloutPreviewJobs
from service.store.rule_sets import RuleSets
from service.store.sandboxes import Sandboxes
from service.store.servers import Servers
from service.store.tickets import Tickets
from service.store.wake import Wake
from service.store.webhooks import Webhooks
from service.store.workers import Workers
from service.usecases.gym.first_key import open_default_gym
from service.usecases.services import Services

__all__ = ["Services", "bootstrap", "bootstrap_when_served"]


def bootstrap(settings: Settings) -> Services:
    """Put the services together; the key of the settings, if there is one, is valid from here on.

    Raises `UpcastersBroken`, `EvictingServer` when the database may drop keys, and `Unavailable` when it does not
    answer.
    """
    check_schemas()
    client = connect(settings.redis_url)
    promise = ServerPromise(client, settings.replicas)
    promise.check()
    archive = RuleSetArchive(client)
    rule_sets = RuleSets(archive)
    erasures = Erasures(client, settings.replicas)
    services = Services(
        settings=settings,
        log=EventLog(client, settings.replicas),
        projections=Projections(client),
        archive=archive,
        rule_sets=rule_sets,
        plans=Plans(rule_sets),
        keys=ApiKeys(client, _now, settings.replicas),
        browser_sessions=BrowserSessions(client),
        tokens=LifterTokens(client, settings.replicas),
        proof_links=LifterTokens(client, settings.replicas, key_names.proof_links),
        tickets=Tickets(client),
        gyms=Gyms(client),
        sandboxes=Sandboxes(client, settings.replicas),
        gym_programmes=GymProgrammes(client, settings.replicas),
        mapped_names=MappedNames(client),
        imports_under_way=ImportsUnderWay(client),
        promise=promise,
        erasures=erasures,
        file_rewrites=FileRewrites(client, settings.queue_url, erasures),
        servers=Servers(client, settings.queue_url),
        log_transfers=LogTransfers(client, settings.replicas),
        backups=Backups(client),
        feeds=Feeds(client, settings.changes_kept),
        webhooks=Webhooks(client, settings.replicas),
        raw_reads=RawReads(client),
        answers=Answers(client),
        wake=Wake(settings.queue_url, carry=_carried),
        workers=Workers(settings.queue_url),
        rollout_previews=RolloutPreviewJobs(settings.queue_url),
        long_tasks=LongTasks(client, settings.replicas),
        rate_limits=RateLimits(settings.queue_url),
        clock=_now,
    )
    if settings.api_key is not None:
        open_default_gym(services, settings.api_key)
    return services


def bootstrap_when_served(settings: Settings) -> Services:
    """`bootstrap`, once the database serves: a process that is started before it waits."""
    return when_served(partial(bootstrap, settings))


def _carried() -> dict[str, str]:
    """What a job takes along of the request that gave it out."""
    return {**logs.carried(), **traces.carried()}


def _now() -> Instant:
    return time.time_ns() // 1000
