"""The gyms that are known. Nothing of a lifter is kept here: a gym is a name that keys and lifters carry."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.errors import SpotterError
from service.domain.instants import Instant, render
from service.store import key_names
from service.store.connections import Client, answering


class GymSuspended(SpotterError):
    """A gym whose keys are refused for the time being (HTTP 403)."""


class Gym(msgspec.Struct, frozen=True, omit_defaults=True):
    """A gym. ``created_at`` is None for one that is only known by its keys or lifters; such a one is a gym too."""

    id: str
    name: str | None = None
    created_at: Instant | None = None
    suspended_at: Instant | None = None

    def check(self) -> None:
        """Raise `GymSuspended` if the gym is."""
        if self.suspended_at is not None:
            raise GymSuspended(f"the gym {self.id!r} is suspended since {render(self.suspended_at)}")


_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(Gym).decode


class Gyms:
    """The records of all gyms."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, gym: str) -> Gym | None:
        """The record of a gym; None where nobody made one."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.GYMS, gym)
        return None if stored is None else _decode(stored)

    def all(self) -> dict[str, Gym]:
        """The records of all gyms, by id."""
        with answering():
            stored = self._client.execute_command("HVALS", key_names.GYMS)
        return {gym.id: gym for gym in sorted(map(_decode, stored), key=lambda gym: gym.id)}

    def add(self, gym: Gym) -> bool:
        """Make a record; false when there is one, which stays as it is: then nothing is written."""
        if self.find(gym.id) is not None:
            return False
        with answering():
            return bool(self._client.execute_command("HSETNX", key_names.GYMS, gym.id, _encode(gym)))

    def put(self, gym: Gym) -> None:
        """Make a record, in place of one that there may be."""
        with answering():
            self._client.execute_command("HSET", key_names.GYMS, gym.id, _encode(gym))

    def remove(self, gym: str) -> None:
        """Remove the record of a gym."""
        with answering():
            self._client.execute_command("HDEL", key_names.GYMS, gym)
