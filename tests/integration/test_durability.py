"""What is promised of an append: read from the server, told as it is, refused where it would be a lie."""

from collections.abc import Iterator

import pytest
import redis

from service.domain.errors import Unavailable
from service.store.connections import connect
from service.store.durability import EvictingServer, ServerPromise, check_server


@pytest.fixture
def configured(valkey: redis.Redis) -> Iterator[redis.Redis]:
    names = ("maxmemory-policy", "appendonly", "appendfsync")
    before = valkey.config_get(*names)
    yield valkey
    for name in names:
        valkey.config_set(name, str(before[name]))


@pytest.mark.parametrize(
    ("appendonly", "appendfsync", "durability"),
    [
        ("yes", "always", "fsync"),
        ("yes", "everysec", "everysec"),
        ("yes", "no", "memory"),
        ("no", "always", "memory"),
    ],
)
def test_the_settings_decide_what_is_promised(
    configured: redis.Redis, log_url: str, appendonly: str, appendfsync: str, durability: str
) -> None:
    configured.config_set("appendonly", appendonly)
    configured.config_set("appendfsync", appendfsync)
    assert check_server(connect(log_url)).durability == durability


@pytest.mark.parametrize(
    "policy", ["allkeys-lru", "volatile-lru", "allkeys-lfu", "volatile-lfu", "allkeys-random", "volatile-ttl"]
)
def test_an_evicting_server_is_refused_by_name(configured: redis.Redis, log_url: str, policy: str) -> None:
    configured.config_set("maxmemory-policy", policy)
    with pytest.raises(EvictingServer, match=f"maxmemory-policy is {policy}.*noeviction"):
        check_server(connect(log_url))


def test_a_server_that_begins_to_evict_is_written_to_no_more(configured: redis.Redis, log_url: str) -> None:
    promise = ServerPromise(connect(log_url))
    assert promise.now().durability == "fsync"
    configured.config_set("maxmemory-policy", "allkeys-lru")
    promise._until = 0.0
    with pytest.raises(Unavailable) as unavailable:
        promise.now()
    assert "allkeys-lru" in unavailable.value.inside
    assert "allkeys" not in str(unavailable.value)


@pytest.fixture
def url_of_a_silent_user(valkey: redis.Redis, log_url: str) -> Iterator[str]:
    """URL of a user who may do all but read settings, as on a managed server."""
    valkey.acl_setuser("managed", enabled=True, passwords=["+secret"], keys=["*"], commands=["+@all", "-config"])
    yield log_url.replace("unix://", "unix://managed:secret@")
    valkey.acl_deluser("managed")


def test_a_server_that_hides_its_settings_promises_nothing(url_of_a_silent_user: str) -> None:
    promise = check_server(connect(url_of_a_silent_user))
    assert promise.durability == "memory"
    assert "CONFIG GET" in promise.reason


def test_a_server_that_hides_its_settings_is_still_caught_evicting(
    configured: redis.Redis, url_of_a_silent_user: str
) -> None:
    configured.config_set("maxmemory-policy", "volatile-lru")
    with pytest.raises(EvictingServer):
        check_server(connect(url_of_a_silent_user))
