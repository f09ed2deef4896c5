"""Reading all that the server holds of a lifter as it lies there, to see whether it fits together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeAlias

from redis.exceptions import ResponseError

from service.domain.identifiers import LifterRef
from service.domain.sealing import SEAL_SIZE, origins_of
from service.engine.verify.stored import Marks, Stored
from service.store import key_names
from service.store.connections import Client, answering, primaries_of
from service.store.log import PAGE
from service.store.scripts import Script

_Fields: TypeAlias = dict[bytes, bytes]

_SHA256_SIZE: Final = 32


class RawReads:
    """Reads lifters whole, through nothing that takes the log to be sound."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._page = Script(client, "audit")
        self._marks = Script(client, "audit_marks")

    def read(self, lifter: LifterRef) -> Stored:
        """Everything of a lifter; also while others write about them.

        The projection, what was told and the marks are read at one moment, then the index, and the log last: it only
        grows, so it has all that they name.
        """
        projection, ladder, told, version, marks = self._marked(lifter)
        before = int(version) if version.isdigit() else 0
        with answering():
            index = self._index(lifter)
        ids: list[bytes] = []
        events: list[bytes] = []
        sha256s: list[bytes] = []
        seals: list[bytes] = []
        pins: dict[bytes, bytes] = {}
        count = PAGE
        while count == PAGE:
            after = ids[-1] if ids else b"0-0"
            reply = self._page([key_names.log(lifter), key_names.head(lifter)], [after, PAGE])
            head, newest, count, page_ids, page_events, page_sha256s, page_seals, *page_pins = reply
            if count:
                ids += page_ids.split(b" ")
                events += page_events.split(b"\n")
                sha256s += _parts(page_sha256s, _SHA256_SIZE)
                seals += _parts(page_seals, SEAL_SIZE)
                pins |= zip(page_pins[::2], page_pins[1::2], strict=True)
        fields = dict(zip(head[::2], head[1::2], strict=True))
        origins = origins_of(fields.get(b"origins"), key_names.member(lifter))
        return Stored(
            projection,
            ladder,
            index,
            before,
            ids,
            events,
            sha256s,
            seals,
            pins,
            fields,
            newest,
            told,
            marks,
            origins,
        )

    def lifters(self) -> list[LifterRef]:
        """Everybody of whom there is a key, or whom a list of lifters names."""
        found = {owner for key in self.keys() if (owner := key_names.owner_of(key)) is not None}
        for partition in range(key_names.PARTITIONS):
            with suppress(ResponseError):  # no list any more
                found |= {key_names.lifter_of(name) for name in self.listed(partition) if key_names.is_member(name)}
        return sorted(found)

    def listed(self, partition: int) -> set[bytes]:
        """How a partition's list names its lifters; whatever it holds."""
        with answering():
            names: set[bytes] = self._client.execute_command("SMEMBERS", key_names.lifters(partition))
        return names

    def keys(self) -> Iterator[bytes]:
        """The keys of all lifters; one may come more than once."""
        for server in primaries_of(self._client):
            cursor = 0
            while True:
                with answering():
                    cursor, found = server.execute_command(
                        "SCAN", cursor, "MATCH", key_names.EVERY_LIFTERS, "COUNT", PAGE
                    )
                yield from found
                if cursor == 0:
                    break

    def expiring(self, keys: Sequence[str]) -> list[str]:
        """Which of some keys the server was told to remove by itself."""
        pipeline = self._client.pipeline(transaction=False)
        for key in keys:
            pipeline.execute_command("PTTL", key)
        with answering():
            return [key for key, left in zip(keys, pipeline.execute(), strict=True) if left >= 0]

    def _marked(self, lifter: LifterRef) -> tuple[_Fields, _Fields, _Fields, bytes, Marks]:
        """Projection, ladder and what was told, the version that the head tells, and the marks."""
        partition = key_names.partition(lifter)
        names = key_names.lasting(lifter)
        names += [key_names.dirty(partition), key_names.due_of(lifter), key_names.parked(partition)]
        names += [key_names.lifters(partition), key_names.erased(partition)]
        reply = self._marks(names, [key_names.member(lifter), lifter.pseudonym])
        *hashes, version, head, dirty, due, parked, listed, erased, there, expiring = reply
        state, ladder, told = (dict(zip(each[::2], each[1::2], strict=True)) for each in hashes)
        marks = Marks(
            head,
            is_listed=bool(listed),
            is_behind=dirty != b"",
            is_parked=bool(parked),
            is_erased=bool(erased),
            due=int(float(due)) if due else None,
            there=[names[place - 1] for place in there],
            expiring=[names[place - 1] for place in expiring],
        )
        return state, ladder, told, version, marks

    def _index(self, lifter: LifterRef) -> dict[bytes, bytes]:
        """The versions by event id."""
        index: dict[bytes, bytes] = {}
        cursor: Any = b"0"
        while True:
            cursor, found = self._client.execute_command("HSCAN", key_names.ids(lifter), cursor, "COUNT", PAGE)
            index |= found
            if not int(cursor):
                return index


def _parts(whole: bytes, size: int) -> list[bytes]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]
