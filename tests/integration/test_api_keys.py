"""API keys on a real server: verified by their hash, never kept, never a crash on what is presented."""

import pytest
import redis

from service.bootstrap import DEFAULT_GYM, Services, first_key
from service.store import keys
from service.store.api_keys import SCOPES, ApiKeys, new_key
from service.store.connections import connect


@pytest.fixture
def api_keys(log_url: str, valkey: redis.Redis) -> ApiKeys:
    del valkey  # it empties the server
    return ApiKeys(connect(log_url))


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
    stored = repr(valkey.hgetall(keys.API_KEYS))
    assert gym in stored
    assert key not in stored
    assert key.removeprefix("sk_") not in stored


def test_adding_a_key_again_leaves_it_as_it_is(api_keys: ApiKeys, gym: str) -> None:
    first = api_keys.add(gym, "a-key", 1)
    assert api_keys.add("another-gym", "a-key", 2) == first
    assert api_keys.verify("a-key") == first


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
    valkey.delete(keys.API_KEYS)
    key = first_key(services)
    assert key is not None
    found = services.keys.verify(key)
    assert found is not None
    assert (found.gym, found.scopes) == (DEFAULT_GYM, SCOPES)
    assert first_key(services) is None
