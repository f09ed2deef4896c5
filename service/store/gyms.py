"""The gyms that are known. Nothing of a lifter is kept here: a gym is a name that keys and lifters carry."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.gyms import Gym
from service.store import key_names
from service.store.connections import Client, answering

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
