"""The programmes of gyms' own, and which rule sets each gym has beside the library's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec

from service.domain.gym_programmes import GymProgramme
from service.store import key_names
from service.store.amendments import Amendments
from service.store.connections import Client, answering
from service.store.scripts import Argument

_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(GymProgramme).decode


class GymProgrammes:
    """By gym: its programmes by id, and the digests of rule sets that it published or that came with its lifters."""

    def __init__(self, client: Client, replicas: int) -> None:
        self._client = client
        self._amendments = Amendments(client, replicas)

    def of(self, gym: str) -> dict[str, GymProgramme]:
        """The programmes of a gym by id, those that were archived included."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.programmes(gym))
        found = (_decode(each) for each in stored.values())
        return {each.id: each for each in sorted(found, key=lambda each: each.id)}

    def find(self, gym: str, programme: str) -> GymProgramme | None:
        """A programme of a gym; None where it has none of that id."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.programmes(gym), programme)
        return None if stored is None else _decode(stored)

    def amend(self, gym: str, programme: str, change: Callable[[GymProgramme | None], GymProgramme]) -> GymProgramme:
        """Store what ``change`` makes of a programme, or of None; it is asked again when somebody else changed it.

        Raises `Unavailable` when it is not certain that it is stored; doing it again is safe.
        """

        def changed(stored: bytes | None) -> tuple[GymProgramme, Sequence[Argument]]:
            before = None if stored is None else _decode(stored)
            after = change(before)
            return after, [] if after == before else [programme, _encode(after)]

        return self._amendments.amend(key_names.programmes(gym), programme, changed)

    def note(self, gym: str, digests: Collection[str]) -> None:
        """Note that a gym has rule sets."""
        if digests:
            with answering():
                self._client.execute_command("SADD", key_names.gym_rule_sets(gym), *sorted(digests))

    def has(self, gym: str, digest: str) -> bool:
        """Whether a gym has a rule set, by its own doing."""
        with answering():
            return bool(self._client.execute_command("SISMEMBER", key_names.gym_rule_sets(gym), digest))

    def remove(self, gym: str) -> None:
        """Forget the programmes of a gym; archived rule sets stay, which nobody can name any more."""
        with answering():
            self._client.execute_command("UNLINK", key_names.programmes(gym), key_names.gym_rule_sets(gym))
