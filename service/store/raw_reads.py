"""Reading all that the server holds of a lifter as it lies there, to see whether it fits together."""

from __future__ import annotations

from typing import Any, Final

from service.domain.identifiers import LifterRef
from service.domain.sealing import SEAL_SIZE, origins_of
from service.engine.verify.checks import Stored
from service.store import key_names
from service.store.connections import Client, answering
from service.store.log import PAGE
from service.store.scripts import Script

_SHA256_SIZE: Final = 32


class RawReads:
    """Reads lifters whole, through nothing that takes the log to be sound."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._page = Script(client, "audit")

    def read(self, lifter: LifterRef) -> Stored:
        """Everything of a lifter; also while others write about them.

        The projection, the ladder and the index are read before the log: it only grows, so it has all that they name.
        """
        with answering():
            projection = self._client.execute_command("HGETALL", key_names.state(lifter))
            ladder = self._client.execute_command("HGETALL", key_names.ladder(lifter))
            before = int(self._client.execute_command("HGET", key_names.head(lifter), "version") or 0)
            index = self._index(lifter)
            told = self._client.execute_command("HGETALL", key_names.told(lifter))
            behind = self._client.execute_command(
                "ZSCORE", key_names.dirty(key_names.partition(lifter)), key_names.member(lifter)
            )
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
        is_behind = behind is not None or int(fields.get(b"version", 0)) > before
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
            is_behind,
            origins,
        )

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
