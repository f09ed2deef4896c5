"""Running the Lua scripts of this package on the server, by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple, TypeAlias

from redis.exceptions import NoScriptError, RedisError, ResponseError

from service import traces
from service.domain.errors import Unavailable
from service.store.connections import Client, answering, as_unavailable, send_each
from service.store.sentinels import outlives, standing_of

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
        self._name = f"EVALSHA {name}"
        self._source = files("service.store").joinpath("lua", f"{name}.lua").read_bytes()
        self.sha = hashlib.sha1(self._source, usedforsecurity=False).hexdigest()

    @answering()
    def __call__(self, keys: Sequence[str], arguments: Sequence[Argument] = ()) -> Any:
        """Run the script once; its reply."""
        with traces.span(self._name, "client", db__system__name="redis"):
            try:
                return self._client.execute_command("EVALSHA", self.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return self._client.execute_command("EVAL", self._source, len(keys), *keys, *arguments)

    def confirmed(self, keys: Sequence[str], arguments: Sequence[Argument], replicas: int) -> Any:
        """Run the script once and have that many replicas confirm its write; its reply.

        Raises `Unavailable` when the reply is ``done`` and fewer replicas have it; running it again is safe.
        """
        (reply,) = self.confirmed_each([Call(keys, arguments)], replicas)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @answering()
    def confirmed_each(self, calls: Sequence[Call], replicas: int) -> list[Any]:
        """Run the script for every call, one round trip to each server: their replies, errors among them.

        What is written is confirmed as by `confirmed`, and where it is not, or where a server can do nothing just now,
        the error is `Unavailable`. Raises that only where nobody knows what became of any call.
        """
        if len(calls) == 1 and not replicas:
            try:
                return [self(*calls[0])]  # one command costs less than a pipeline of one
            except ResponseError as error:
                return [error]

        def send(server: Client, places: Sequence[int]) -> list[Any]:
            return self._send_known(server, [calls[place] for place in places], replicas)

        if replicas:  # a server's calls must go over one connection
            sent = send_each(self._client, [call.keys[0] for call in calls], send)
        else:
            sent = send(self._client, range(len(calls)))
        return [(as_unavailable(reply) or reply) if isinstance(reply, RedisError) else reply for reply in sent]

    @answering()
    def each(self, calls: Sequence[Call]) -> list[Any]:
        """Run the script for every call, in one round trip; their replies."""
        replies = self._send_known(self._client, calls)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return replies

    def _send_known(self, server: Client, calls: Sequence[Call], replicas: int = 0) -> list[Any]:
        """`_send`, once more with the script itself where the server did not know it."""
        with traces.span(self._name, "client", db__system__name="redis", db__operation__batch__size=len(calls)):
            replies = self._send(server, ("EVALSHA", self.sha), calls, replicas)
            unknown = [place for place, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
            if unknown:
                again = self._send(server, ("EVAL", self._source), [calls[place] for place in unknown], replicas)
                for place, reply in zip(unknown, again, strict=True):
                    replies[place] = reply
        return replies

    def _send(self, server: Client, run: tuple[str, Argument], calls: Sequence[Call], replicas: int) -> list[Any]:
        pipeline = server.pipeline(transaction=False)
        for keys, arguments in calls:
            pipeline.execute_command(*run, len(keys), *keys, *arguments)
        if not replicas:
            return pipeline.execute(raise_on_error=False)
        standing = standing_of(server)
        demanded = max(replicas, standing.heirs)
        pipeline.execute_command("WAIT", demanded, _REPLICAS_TIMEOUT_MS)
        *replies, confirmed = pipeline.execute(raise_on_error=False)
        count, refusal = (confirmed, "") if isinstance(confirmed, int) else (0, str(confirmed))
        if count >= replicas and outlives(server, standing, count):
            return replies
        why = f"confirmed by {count} of the {demanded} replicas that must have it"
        missed = Unavailable(f"stored, but {why}; send the same again", inside=refusal)
        return [missed if isinstance(reply, list) and reply[0] == b"done" else reply for reply in replies]
