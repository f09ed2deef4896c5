"""Running the Lua scripts of this package on the server, by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple, TypeAlias

from redis.exceptions import NoScriptError

from service.domain.errors import Unavailable
from service.store.connections import Client, answering, node_of

Argument: TypeAlias = bytes | str | int

_REPLICAS_TIMEOUT_MS: Final = 1000


class Call(NamedTuple):
    """One run of a script."""

    keys: Sequence[str]
    arguments: Sequence[Argument]


class Script:
    """A script of ``service/store/lua``; a server that does not know it (yet, or after a restart) is given it."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._source = files("service.store").joinpath("lua", f"{name}.lua").read_bytes()
        self.sha = hashlib.sha1(self._source, usedforsecurity=False).hexdigest()

    @answering()
    def __call__(self, keys: Sequence[str], arguments: Sequence[Argument] = ()) -> Any:
        """Run the script once; its reply."""
        command = ("EVALSHA", self.sha, len(keys), *keys, *arguments)
        try:
            return self._client.execute_command(*command)
        except NoScriptError:
            self.load()
            return self._client.execute_command(*command)

    def confirmed(self, keys: Sequence[str], arguments: Sequence[Argument], replicas: int) -> Any:
        """Run the script once and have that many replicas confirm its write; its reply.

        Raises `Unavailable` when the reply is ``done`` and fewer replicas have it; running it again is safe.
        """
        if not replicas:
            return self(keys, arguments)
        pipeline = node_of(self._client, keys[0]).pipeline(transaction=False)
        pipeline.execute_command("EVALSHA", self.sha, len(keys), *keys, *arguments)
        pipeline.execute_command("WAIT", replicas, _REPLICAS_TIMEOUT_MS)
        with answering():
            try:
                reply, confirmed = pipeline.execute()
            except NoScriptError:
                self.load()
                return self.confirmed(keys, arguments, replicas)
        if confirmed < replicas and reply[0] == b"done":
            raise Unavailable(
                f"stored, but confirmed by {confirmed} of the {replicas} replicas that must have it; "
                "send the same again"
            )
        return reply

    @answering()
    def each(self, calls: Sequence[Call]) -> list[Any]:
        """Run the script for every call, in one round trip; their replies."""
        replies = self._send(calls)
        unknown = [place for place, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            self.load()
            for place, reply in zip(unknown, self._send([calls[place] for place in unknown]), strict=True):
                replies[place] = reply
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    def load(self) -> None:
        """Give the script to the server."""
        self._client.execute_command("SCRIPT LOAD", self._source)

    def _send(self, calls: Sequence[Call]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for keys, arguments in calls:
            pipeline.execute_command("EVALSHA", self.sha, len(keys), *keys, *arguments)
        replies: list[Any] = pipeline.execute(raise_on_error=False)
        return replies
