"""What every use case works with, as put together by `service.bootstrap`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from service.config import Settings
from service.domain.errors import TooMuchToReplay, Unavailable
from service.domain.instants import Instant
from service.engine.replay.bound_programme import Plans
from service.store.api_keys import ApiKeys
from service.store.archive import RuleSetArchive
from service.store.backups import Backups
from service.store.browser_sessions import BrowserSessions
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
from service.store.rule_sets import DEFAULT_PROGRAMME, RuleSets
from service.store.sandboxes import Sandboxes
from service.store.servers import Servers
from service.store.tickets import Tickets
from service.store.wake import Wake
from service.store.webhooks import Webhooks
from service.store.workers import Workers


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one Spotter process; any number of threads may share them.

    ``clock`` gives the present instant, and `now` that of a gym: nothing else in a use case may look at a clock to
    decide a result.
    ``most_replayed`` is how many events this process replays for one request; of what is more it is for another to do.
    """

    settings: Settings
    log: EventLog
    projections: Projections
    archive: RuleSetArchive
    rule_sets: RuleSets
    plans: Plans
    keys: ApiKeys
    browser_sessions: BrowserSessions
    tokens: LifterTokens
    proof_links: LifterTokens
    tickets: Tickets
    gyms: Gyms
    sandboxes: Sandboxes
    gym_programmes: GymProgrammes
    mapped_names: MappedNames
    imports_under_way: ImportsUnderWay
    promise: ServerPromise
    erasures: Erasures
    file_rewrites: FileRewrites
    servers: Servers
    log_transfers: LogTransfers
    backups: Backups
    feeds: Feeds
    webhooks: Webhooks
    raw_reads: RawReads
    answers: Answers
    wake: Wake
    workers: Workers
    rollout_previews: RolloutPreviewJobs
    long_tasks: LongTasks
    rate_limits: RateLimits
    clock: Callable[[], Instant]
    most_replayed: float = math.inf

    def now(self, gym: str) -> Instant:
        """The present instant for all that is done for a gym: of a sandbox, what its clock was set to."""
        sandbox = self.sandboxes.find(gym)
        return self.clock() if sandbox is None else sandbox.now

    def check_replay(self, events: int) -> None:
        """Raise `TooMuchToReplay` where so many events are more than this process replays for one request."""
        if events > self.most_replayed:
            raise TooMuchToReplay(events)

    def default_digest(self) -> str:
        """The digest of the newest published default rule set, for lifters without a programme."""
        return _published(self.rule_sets.newest(DEFAULT_PROGRAMME))

    def default_digest_at(self) -> Callable[[Instant], str]:
        """What `default_digest` was, or would have been, at an instant; of the past it says the same for ever."""
        newest_at = self.rule_sets.newest_at(DEFAULT_PROGRAMME)
        return lambda instant: _published(newest_at(instant))


def _published(digest: str | None) -> str:
    if digest is None:
        raise Unavailable("no default rule set is published yet; `spotter run` does so when it starts")
    return digest
