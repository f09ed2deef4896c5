"""A Spotter without its processes: the services, on the session's real servers, with the real rules published."""

import pytest
import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.identifiers import LifterRef
from service.usecases.rules.publish import publish_rules


@pytest.fixture
def environment(log_url: str, queue_url: str) -> dict[str, str]:
    """The environment variables of a process that uses the session's servers."""
    return {"SPOTTER_REDIS_URL": log_url, "SPOTTER_QUEUE_URL": queue_url, "SPOTTER_API_KEY": "the-first-key"}


@pytest.fixture
def services(environment: dict[str, str], valkey: redis.Redis, queue_server: redis.Redis) -> Services:
    """The services of a fresh Spotter: empty but for the published rules and the first key."""
    del valkey, queue_server  # they empty the servers
    made = bootstrap(Settings.from_environment(environment))
    publish_rules(made)
    return made


@pytest.fixture
def lifter(gym: str) -> LifterRef:
    """A lifter that no other test writes about."""
    return LifterRef(gym, "lifter-1")
