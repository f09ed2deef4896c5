"""The archive of rule sets: the exact bytes of every rule set ever published, by digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from service.domain.instants import Instant
from service.store import key_names
from service.store.connections import Client, answering

_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decode = msgspec.msgpack.Decoder(dict[str, bytes]).decode


class Publication(NamedTuple):
    """A rule set became the newest of its programme at an instant."""

    at: Instant
    digest: str


class RuleSetArchive:
    """Rule sets by digest, and the newest published digest of each programme."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, rule_sets: Mapping[str, Mapping[str, bytes]]) -> None:
        """Keep rule sets (digest to files, path to bytes) for ever; one that is archived already never changes."""
        pipeline = self._client.pipeline(transaction=False)
        for digest, files in rule_sets.items():
            pipeline.execute_command("SET", key_names.rule_set(digest), _encode(dict(files)), "NX")
        with answering():
            pipeline.execute()

    def get(self, digest: str) -> Mapping[str, bytes] | None:
        """The files of a rule set; None where nothing of that digest was ever archived."""
        with answering():
            stored = self._client.execute_command("GET", key_names.rule_set(digest))
        return None if stored is None else _decode(stored)

    def publish(self, newest: Mapping[str, str], *, at: Instant) -> None:
        """Make archived rule sets those that lifters get who are assigned their programmes (to digests) from now on.

        ``at`` is that time, by which it can be said for ever what was the newest before.
        """
        before = self.published()
        again = [programme for programme in newest if programme in before]
        counted, told, taken = (self._client.pipeline(transaction=False) for _ in range(3))
        for programme in again:
            counted.execute_command("LLEN", key_names.publications(programme))
        with answering():
            for programme, count in zip(again, counted.execute(), strict=True):
                if not count:  # of a Spotter that did not keep this yet
                    told.execute_command("RPUSH", key_names.publications(programme), f"0 {before[programme]}")
            for programme, digest in newest.items():
                told.execute_command("RPUSH", key_names.publications(programme), f"{at} {digest}")
                taken.execute_command("SADD", key_names.ever_published(programme), digest)
                taken.execute_command("HSET", key_names.PUBLISHED, programme, digest)
            told.execute()  # first, so that nothing is ever the newest without its time
            taken.execute()

    def ever_published(self, programme: str) -> set[str]:
        """The digests of a programme's rule sets that were published at any time."""
        with answering():
            stored = self._client.execute_command("SMEMBERS", key_names.ever_published(programme))
        return {digest.decode() for digest in stored}

    def newest(self, programme: str) -> str | None:
        """The digest of the newest published rule set of a programme; None where it was never published."""
        with answering():
            digest: bytes | None = self._client.execute_command("HGET", key_names.PUBLISHED, programme)
        return None if digest is None else digest.decode()

    def publications(self, programme: str) -> list[Publication]:
        """When which rule set of a programme became the newest, oldest first."""
        with answering():
            stored = self._client.execute_command("LRANGE", key_names.publications(programme), 0, -1)
        return [Publication(int(at), digest) for at, digest in (line.decode().split(" ") for line in stored)]

    def published(self) -> dict[str, str]:
        """The newest published digest of every programme."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.PUBLISHED)
        return {programme.decode(): digest.decode() for programme, digest in stored.items()}

    def publish_library(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Make files (path to bytes) the library that rules of somebody's own may draw upon, instead of the one before.

        It is no rule set of anybody's, so nothing needs the older ones.
        """
        with answering():
            self._client.execute_command("HSET", key_names.LIBRARY, "digest", digest, "files", _encode(dict(files)))

    def library_digest(self) -> str | None:
        """The digest of the published library; None before the first."""
        with answering():
            digest: bytes | None = self._client.execute_command("HGET", key_names.LIBRARY, "digest")
        return None if digest is None else digest.decode()

    def library(self) -> Mapping[str, bytes]:
        """The files of the published library."""
        with answering():
            stored = self._client.execute_command("HGET", key_names.LIBRARY, "files")
        return {} if stored is None else _decode(stored)
