"""API keys on a real server: verified by their hash, never kept, never a crash on what is presented."""

import time
from types import SimpleNamespace

import pytest
import redis
from msgspec.structs import replace

from service.bootstrap import Services
from service.domain.api_keys import SCOPES, ApiKey
from service.domain.errors import KeyEnded, NotFound
from service.domain.gyms import DEFAULT_GYM
from service.domain.instants import Instant
from service.store import key_names
from service.store.api_keys import ApiKeys, new_key
from service.store.connections import connect
from service.usecases.gym.first_key import first_key


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now: Instant = 1_000

    def __call__(self) -> Instant:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def api_keys(log_url: str, valkey: redis.Redis, clock: Clock) -> ApiKeys:
    del valkey  # it empties the server
    return ApiKeys(connect(log_url), clock)


def test_a_key_acts_for_its_gym(api_keys: ApiKeys, gym: str) -> None:
    added = api_keys.add(gym, "a-key", 7)
    assert api_keys.verify("a-key") == added
    assert (added.gym, added.scopes, added.created_at) == (gym, SCOPES, 7)
    assert added.id.startswith("k_")


@pytest.mark.parametrize(
    "presented", ["", "a-kez", "A-KEY", "a-key ", "schlüssel", "\ud800", "\U0001f511", "x" * 100_000]
)
def test_anything_else_is_no_key(api_keys: ApiKeys, gym: str, presented: str) -> None:
    api_keys.add(gym, "a-key", 0)
    assert api_keys.verify(presented) is None


def test_the_key_itself_is_not_kept(api_keys: ApiKeys, gym: str, valkey: redis.Redis) -> None:
    key = new_key()
    api_keys.add(gym, key, 0)
    stored = repr(valkey.hgetall(key_names.API_KEYS))
    assert gym in stored
    assert key not in stored
    assert key.removeprefix("sk_") not in stored


def test_adding_a_key_again_leaves_it_as_it_is(api_keys: ApiKeys, gym: str) -> None:
    first = api_keys.add(gym, "a-key", 1)
    assert api_keys.add("another-gym", "a-key", 2) == first
    assert api_keys.verify("a-key") == first


def test_a_key_expires_whatever_was_believed_of_it(api_keys: ApiKeys, gym: str, clock: Clock) -> None:
    api_keys.add(gym, "a-key", 0, expires_at=2_000)
    assert api_keys.verify("a-key") is not None
    clock.now = 2_000
    with pytest.raises(KeyEnded, match="expired at"):
        api_keys.verify("a-key")


def test_another_process_learns_of_a_revocation_within_seconds(
    api_keys: ApiKeys, gym: str, log_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = api_keys.add(gym, "a-key", 0)
    elsewhere = ApiKeys(connect(log_url), clock)
    assert api_keys.verify("a-key") == elsewhere.verify("a-key") == added
    api_keys.amend(added.id, lambda key: [replace(key, revoked_at=1_500)])
    with pytest.raises(KeyEnded, match="revoked at"):
        api_keys.verify("a-key")
    _pass(monkeypatch, seconds=5)
    with pytest.raises(KeyEnded, match="revoked at"):
        elsewhere.verify("a-key")


def test_uses_are_noted_at_most_once_a_minute(
    api_keys: ApiKeys, gym: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id = api_keys.add(gym, "a-key", 0).id
    assert api_keys.last_used([key_id]) == {}
    seen = []
    for seconds in (0, 30, 61):
        _pass(monkeypatch, seconds=seconds)
        clock.now = 1_000 + seconds * 1_000_000
        api_keys.verify("a-key")
        seen.append(api_keys.last_used([key_id])[key_id])
    assert seen == [1_000, 1_000, 61_001_000]


def test_that_a_use_cannot_be_noted_is_no_reason_to_refuse(api_keys: ApiKeys, gym: str, valkey: redis.Redis) -> None:
    valkey.set(key_names.API_KEYS_USED, "no hash")
    added = api_keys.add(gym, "a-key", 0)
    assert api_keys.verify("a-key") == added


def test_changes_of_a_key_at_once_are_all_made(api_keys: ApiKeys, gym: str) -> None:
    added = api_keys.add(gym, "a-key", 0)

    def late(key: ApiKey) -> list[ApiKey]:
        if key.revoked_at is None:
            api_keys.amend(added.id, lambda key: [replace(key, revoked_at=7)])
        return [replace(key, expires_at=9)]

    api_keys.amend(added.id, late)
    found = api_keys.find(added.id)
    assert found is not None
    assert (found.revoked_at, found.expires_at) == (7, 9)
    with pytest.raises(NotFound):
        api_keys.amend("k_0", late)


def test_all_of_many_keys_are_found(api_keys: ApiKeys, gym: str) -> None:
    added = [api_keys.add(gym, f"key-{number}", number) for number in range(1100)]
    api_keys.add("another-gym", "a-key", 0)
    assert api_keys.of(gym) == added
    api_keys.forget([key.id for key in added])
    assert [key.gym for key in api_keys.all()] == ["another-gym"]


def _pass(monkeypatch: pytest.MonkeyPatch, *, seconds: int) -> None:
    """Let time pass for what a process believes."""
    before = time.monotonic
    monkeypatch.setattr("service.store.api_keys.time", SimpleNamespace(monotonic=lambda: before() + seconds))


def test_new_keys_differ_and_are_long() -> None:
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(len(key) == len("sk_") + 43 for key in made)


def test_a_key_of_the_settings_is_valid_from_the_start(services: Services) -> None:
    found = services.keys.verify("the-first-key")
    assert found is not None
    assert found.gym == DEFAULT_GYM
    assert first_key(services) is None, "there is a key"


def test_the_first_start_without_a_key_makes_one(services: Services, valkey: redis.Redis) -> None:
    valkey.delete(key_names.API_KEYS)
    key = first_key(services)
    assert key is not None
    found = services.keys.verify(key)
    assert found is not None
    assert (found.gym, found.scopes) == (DEFAULT_GYM, SCOPES)
    assert first_key(services) is None
