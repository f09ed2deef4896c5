"""`spotter gyms` and `spotter keys` on real servers, as whoever runs Spotter types them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
import redis
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import main
from service.domain.api_keys import SCOPES, ApiKey
from service.domain.errors import GymSuspended, KeyEnded, KeyNotActive, NotFound, TooManyKeys
from service.domain.events import DeloadRequested
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, HOUR, Instant
from service.domain.webhooks import Webhook
from service.store import key_names
from service.store.api_keys import new_key
from service.usecases.gym import api_keys
from service.usecases.lifter.erase import erase
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission


class Shell:
    """Runs `spotter` with an environment wide enough for its tables."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._runner = CliRunner(env={**environment, "COLUMNS": "250"})

    def run(self, *arguments: str) -> Result:
        return self._runner.invoke(main, arguments, catch_exceptions=False)

    def __call__(self, *arguments: str) -> str:
        """What a command prints on standard output that succeeds."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str) -> str:
        """What a command says that Spotter refuses."""
        result = self.run(*arguments)
        assert result.exit_code == 1, result.output
        return result.output


@pytest.fixture
def spotter(environment: dict[str, str], services: Services) -> Shell:
    del services  # publishes the rules
    return Shell(environment)


def _key(services: Services, secret: str) -> ApiKey:
    found = services.keys.verify(secret.strip())
    assert found is not None
    return found


def _row(table: str, first: str) -> str:
    """What a table says behind a first cell; nothing where it has no such row."""
    rows = [" ".join(line.split()) for line in table.splitlines()]
    return next((row.removeprefix(f"{first} ") for row in rows if row.split(" ")[0] == first), "")


class TestGyms:
    def test_a_new_gym_comes_with_a_key_of_every_scope(self, spotter: Shell, services: Services) -> None:
        secret = spotter("gyms", "add", "north", "--name", "Gym North")
        assert re.fullmatch(r"sk_\S{43}\n", secret)
        key = _key(services, secret)
        assert (key.gym, key.scopes) == ("north", SCOPES)
        assert re.fullmatch(r"Gym North 20\S+ 1 0", _row(spotter("gyms", "list"), "north"))
        assert "there is a gym 'north' already" in spotter.refused("gyms", "add", "north")

    def test_gyms_that_only_keys_or_lifters_tell_of_are_gyms_too(self, spotter: Shell, services: Services) -> None:
        services.keys.add("by-key", "a-key", 0)
        _log(services, LifterRef("by-lifter", "ann"))
        told = spotter("gyms", "list")
        assert (_row(told, "by-key"), _row(told, "by-lifter")) == ("1 0", "0 1")
        assert _row(told, "default").endswith(" 1 0")

    def test_a_suspended_gyms_keys_are_refused_until_it_is_resumed(self, spotter: Shell, services: Services) -> None:
        secret = spotter("gyms", "add", "north").strip()
        spotter("gyms", "suspend", "north")
        assert " 1 0 suspended 2" in _row(spotter("gyms", "list"), "north")
        with pytest.raises(GymSuspended, match="north"):
            services.keys.verify(secret)
        spotter("gyms", "resume", "north")
        services.keys._believed.clear()
        assert _key(services, secret).gym == "north"

    def test_a_gym_is_removed_with_its_keys_but_never_with_lifters(self, spotter: Shell, services: Services) -> None:
        secret = spotter("gyms", "add", "north").strip()
        ann = LifterRef("north", "ann")
        _log(services, ann)
        assert "has 1 lifter(s)" in spotter.refused("gyms", "remove", "north", "--yes")
        erase(services, ann, by="test")
        services.webhooks.add("north", Webhook("wh_0", "https://example.com", "whsec_AA==", 0), 0)
        assert "its 1 key(s) and its 1 webhook(s)" in spotter("gyms", "remove", "north", "--yes")
        assert services.keys.verify(secret) is None
        assert services.webhooks.of("north") == []
        assert "north" not in spotter("gyms", "list")
        assert "there is no gym 'north'" in spotter.refused("gyms", "remove", "north", "--yes")


class TestKeys:
    def test_a_key_is_printed_once_and_kept_as_a_hash(
        self, spotter: Shell, services: Services, valkey: redis.Redis
    ) -> None:
        asked = ("--scope", "audit", "--scope", "read", "--name", "front desk", "--rate-limit", "600")
        secret = spotter("keys", "add", "--gym", "default", *asked, "--expires-in", "90d").strip()
        key = _key(services, secret)
        assert (key.scopes, key.name, key.rate_limit) == (("read", "audit"), "front desk", 600)
        assert 89 * DAY < (key.expires_at or 0) - key.created_at <= 90 * DAY
        listed = spotter("keys", "list")
        assert secret not in listed
        assert secret not in repr(valkey.hgetall(key_names.API_KEYS))
        # Used: by this test.
        assert re.fullmatch(r"default front desk read audit 20\S+ \S+ until 20\S+, 600 a minute", _row(listed, key.id))

    def test_a_rotated_key_stays_valid_for_the_grace(self, spotter: Shell, services: Services) -> None:
        old = _key(services, spotter("keys", "add", "--gym", "default", "--scope", "read", "--expires-in", "10d"))
        new = _key(services, spotter("keys", "rotate", old.id, "--grace", "2h"))
        assert (new.scopes, new.gym, new.id != old.id) == (old.scopes, old.gym, True)
        assert new.expires_at == new.created_at + (old.expires_at or 0) - old.created_at
        rotated = services.keys.find(old.id)
        assert rotated is not None
        assert (rotated.expires_at, rotated.replaced_by) == (new.created_at + 2 * HOUR, new.id)

    def test_a_revoked_key_is_refused_and_cannot_be_rotated(self, spotter: Shell, services: Services) -> None:
        secret = spotter("keys", "add", "--gym", "default", "--scope", "read").strip()
        key_id = _key(services, secret).id
        first = spotter("keys", "revoke", key_id)
        assert spotter("keys", "revoke", key_id) == first, "once for ever"
        services.keys._believed.clear()
        with pytest.raises(KeyEnded):
            services.keys.verify(secret)
        assert " revoked 2" in _row(spotter("keys", "list", "--gym", "default"), key_id)
        assert "make a new one instead" in spotter.refused("keys", "rotate", key_id)

    def test_a_limit_is_given_and_taken_away(self, spotter: Shell, services: Services) -> None:
        key_id = _key(services, spotter("keys", "add", "--gym", "default", "--scope", "read")).id
        assert "may make 70 requests" in spotter("keys", "limit", key_id, "70")
        assert _row(spotter("keys", "list", "--gym", "default"), key_id).endswith(" 70 a minute")
        assert "the setting's 300,000" in spotter("keys", "limit", key_id)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("keys", "add", "--gym", "nowhere", "--scope", "read"), "there is no gym 'nowhere'"),
            (("keys", "list", "--gym", "nowhere"), "there is no gym 'nowhere'"),
            (("keys", "revoke", "k_0123456789abcdef"), "there is no key 'k_0123456789abcdef'"),
            (("keys", "rotate", "k_0123456789abcdef"), "there is no key"),
            (("keys", "limit", "k_0123456789abcdef", "5"), "there is no key"),
            (("gyms", "suspend", "nowhere"), "there is no gym 'nowhere'"),
        ],
    )
    def test_what_does_not_exist(self, spotter: Shell, arguments: tuple[str, ...], said: str) -> None:
        assert said in spotter.refused(*arguments)

    @pytest.mark.parametrize(
        "arguments",
        [
            ("gyms", "add", "*"),
            ("keys", "add", "--gym", "default"),
            ("keys", "add", "--gym", "default", "--scope", "everything"),
            ("keys", "add", "--gym", "default", "--scope", "read", "--expires-at", "2001-01-01T00:00:00Z"),
            ("keys", "add", "--gym", "default", "--scope", "read", "--expires-in", "0s"),
            ("keys", "add", "--gym", "default", "--scope", "read", "--rate-limit", "0"),
            ("keys", "add", "--gym", "default", "--scope", "read", "--name", "two\nlines"),
            ("keys", "rotate", "k_0123456789abcdef", "--grace", "9999d"),
            ("keys", "revoke", "k_\u00e9"),
        ],
    )
    def test_what_makes_no_sense(self, spotter: Shell, arguments: tuple[str, ...]) -> None:
        result = spotter.run(*arguments)
        assert result.exit_code == 2
        assert "Usage:" in result.output


class TestBounds:
    def test_a_gym_has_at_most_so_many_valid_keys(
        self, services: Services, gym: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api_keys, "MOST_ACTIVE", 2)
        made = [api_keys.make_key(services, gym, ("read",)).key.id for _ in range(2)]
        with pytest.raises(TooManyKeys):
            api_keys.make_key(services, gym, ("read",))
        with pytest.raises(TooManyKeys):
            api_keys.rotate_key(services, made[0], gym, grace=0)
        api_keys.revoke_key(services, made[0], gym)
        api_keys.make_key(services, gym, ("read",))

    def test_those_that_ended_first_are_forgotten_in_the_end(
        self, services: Services, gym: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api_keys, "MOST_KEPT", 3)
        made = [api_keys.make_key(services, gym, ("read",)).key.id for _ in range(3)]
        for key_id in made[:2]:
            api_keys.revoke_key(services, key_id, gym)
        newest = api_keys.make_key(services, gym, ("read",)).key.id
        assert [key.id for key in services.keys.of(gym)] == [made[1], made[2], newest]

    def test_another_gyms_key_does_not_exist(self, services: Services, gym: str) -> None:
        key_id = services.keys.add("another-gym", new_key(), 0).id
        for use in (api_keys.find_key, api_keys.revoke_key, partial(api_keys.rotate_key, grace=0)):
            with pytest.raises(NotFound):
                use(services, key_id, gym)

    def test_a_rotation_whose_reply_was_lost_is_the_same_rotation(
        self, services: Services, gym: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key_id = services.keys.add(gym, "old", 0).id
        script = services.keys._amendments._script
        confirmed = script.confirmed
        lost = iter([[b"changed"]])  # as a second run says whose first run's reply was lost

        def losing(*call: Any) -> Any:
            reply = confirmed(*call)
            return next(lost, reply)

        monkeypatch.setattr(script, "confirmed", losing)
        rotated = api_keys.rotate_key(services, key_id, gym, grace=0)
        assert [key.id for key in services.keys.of(gym)] == [key_id, rotated.new.id]
        assert _key(services, rotated.secret) == rotated.new
        with pytest.raises(KeyNotActive):
            api_keys.rotate_key(services, key_id, gym, grace=0)


def _log(services: Services, lifter: LifterRef) -> None:
    now: Instant = services.clock()
    append_event(services, lifter, Submission("a1", now, DeloadRequested()), actor="test")
