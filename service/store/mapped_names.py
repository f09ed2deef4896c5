"""What names in other apps' exports mean to each gym."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.mapped_names import MappedName
from service.store import key_names
from service.store.connections import Client, answering

_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(MappedName).decode


class MappedNames:
    """The mapped names of all gyms; ``key`` is a name as it is compared."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of(self, gym: str) -> dict[str, MappedName]:
        """What a gym mapped, by key."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.exercise_names(gym))
        return {key.decode(): _decode(value) for key, value in sorted(stored.items())}

    def put(self, gym: str, key: str, mapped: MappedName) -> None:
        """Have a name mean an exercise, whatever it meant before."""
        with answering():
            self._client.execute_command("HSET", key_names.exercise_names(gym), key, _encode(mapped))

    def forget(self, gym: str) -> None:
        """Forget all that a gym mapped."""
        with answering():
            self._client.execute_command("UNLINK", key_names.exercise_names(gym))
