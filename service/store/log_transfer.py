"""Moving logs: entries as they are stored, out of one Spotter and into another, all of a log or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Self

from service.domain.errors import Erased, LogNotEmpty, Unavailable
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.sealing import Origins, encode_origins, origins_of
from service.engine.changes.change import Told
from service.store import key_names
from service.store.connections import Client, answering
from service.store.log import PAGE
from service.store.scripts import Argument, Script

_STAGED_FOR_MS: Final = 10 * 60 * 1000
"""How long a staging outlives its last page: what a killed import left behind is gone after that."""


class StoredEntry(NamedTuple):
    """An entry of a log as it is stored; ``default`` is the digest of the rule set that it pins, else empty."""

    event: bytes
    sha256: bytes
    seal: bytes
    default: bytes = b""


class LogTransfers:
    """Reads logs to be moved away, and takes in those that arrive."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        """``replicas``: how many must confirm an import before it counts as done."""
        self._client = client
        self._replicas = replicas
        self._restore = Script(client, "restore")

    def pages(self, lifter: LifterRef, last: int) -> Iterator[list[StoredEntry]]:
        """The entries of versions 1 to ``last``, a page at a time; they end sooner where the lifter is erased."""
        for first in range(1, last + 1, PAGE):
            with answering():
                entries = self._client.execute_command(
                    "XRANGE", key_names.log(lifter), f"{first}-0", f"{min(first + PAGE - 1, last)}-0"
                )
            yield [
                StoredEntry(*(fields.get(name, b"") for name in (b"event", b"sha256", b"seal", b"default")))
                for _, fields in entries
            ]

    def origins(self, lifter: LifterRef) -> Origins:
        """Where the entries of a lifter's log were written."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.head(lifter), "origins")
        return origins_of(stored, key_names.member(lifter))

    def staging(self, lifter: LifterRef) -> Staging:
        """A place to gather a log in where nobody sees it."""
        return Staging(self._client, self._restore, lifter, self._replicas)


class Staging:
    """A log on its way in. As a context it leaves nothing behind, unless it was made the lifter's."""

    def __init__(self, client: Client, restore: Script, lifter: LifterRef, replicas: int) -> None:
        self._client = client
        self._restore = restore
        self._lifter = lifter
        self._replicas = replicas
        self._log, self._ids = key_names.staging(lifter, secrets.token_hex(8))
        self.version = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with answering():
            self._client.execute_command("UNLINK", self._log, self._ids)

    def add(self, entries: Sequence[tuple[str, StoredEntry]]) -> int | None:
        """Add the next entries, each led by its event id; the version of the first whose id was there before."""
        pipeline = self._client.pipeline(transaction=False)
        first = self.version + 1
        for version, (event_id, entry) in enumerate(entries, first):
            fields: list[bytes | str] = ["event", entry.event, "sha256", entry.sha256, "seal", entry.seal]
            fields += ["default", entry.default] if entry.default else []
            pipeline.execute_command("XADD", self._log, f"{version}-0", *fields)
            pipeline.execute_command("HSETNX", self._ids, event_id, version)
        pipeline.execute_command("PEXPIRE", self._log, _STAGED_FOR_MS)
        pipeline.execute_command("PEXPIRE", self._ids, _STAGED_FOR_MS)
        with answering():
            replies = pipeline.execute()
        self.version += len(entries)
        return next((version for version, new in enumerate(replies[1:-2:2], first) if not new), None)

    def restore(self, newest: Instant | None, default: str | None, origins: Origins) -> None:
        """Make what was gathered the lifter's log, at once, and mark the lifter dirty.

        ``newest`` is the newest instant at which an event of it takes effect, ``default`` the rule set that it pins,
        ``origins`` where its entries were written.
        Raises `LogNotEmpty` and `Erased`, and `Unavailable` when it is not certain that all is stored.
        """
        lifter, partition = self._lifter, key_names.partition(self._lifter)
        names = [self._log, self._ids, key_names.log(lifter), key_names.ids(lifter), key_names.head(lifter)]
        names += [
            key_names.dirty(partition),
            key_names.lifters(partition),
            key_names.erased(partition),
            key_names.told(lifter),
        ]
        arguments: list[Argument] = [key_names.member(lifter), lifter.pseudonym, self.version]
        # Where the lifter came from their changes were told; here it is one, to what they are prescribed now.
        arguments += ["" if newest is None else newest, default or "", Told(self.version, engine=0).encode()]
        arguments.append(encode_origins(origins))
        status, *rest = self._restore.confirmed(names, arguments, self._replicas)
        match status:
            case b"erased":
                raise Erased(lifter.lifter)
            case b"taken":
                raise LogNotEmpty(lifter.lifter, rest[0])
            case b"lost":
                raise Unavailable("the import came too slowly, and what had arrived was given up; send it again")
