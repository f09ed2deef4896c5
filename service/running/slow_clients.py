"""Slow clients: an ASGI application in front of the WSGI one keeps them from holding threads, and cuts them off.

A thread serves a request only once the first part of its body has come, which of most bodies is all. The rest must come
apace, and so must an answer be taken that is sent piece by piece; whoever is slower is cut off. So a slow client costs
the memory of what it has sent, and nobody else's time. ASGI is the interface that tells when something comes.
"""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from threading import Condition
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication

from service.running.threads import Threads

Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

PATIENCE_S: Final = 10.0
"""Seconds in which the first part of a body must come, then any more of it, and a piece of an answer be taken."""

SLOWEST: Final = 16 * 1024
"""Bytes a second that must have come of a larger body, `PATIENCE_S` aside."""

FIRST_PART: Final = 64 * 1024
"""Bytes of a body that are awaited before a thread is taken."""

_AHEAD: Final = 512 * 1024
"""Bytes that are taken from a client before the application asks for them."""

_TICK_S: Final = 0.1
"""Seconds after which a request that was answered is forgotten, if no other one comes before."""

_WITHOUT_ANSWER: Final = frozenset({204, 304})
"""Statuses of answers that have no body, and so need not say how long it is."""

_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Front:
    """An ASGI application that serves a WSGI one, in at most so many threads."""

    def __init__(self, application: WSGIApplication, threads: int) -> None:
        self._application = application
        self._threads = Threads(threads)
        self._answered: deque[asyncio.Future[None]] = deque()
        self._under_way = 0
        self._ticks = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request."""
        loop = asyncio.get_running_loop()
        self._let_go()
        if not self._ticks:
            self._ticks = True
            loop.call_later(_TICK_S, self._tick, loop)
        body = _Body(loop, receive)
        exchange = _Exchange(self._application, _environ(scope, body), body, loop, send)
        self._under_way += 1
        try:
            if scope["method"] not in _WITHOUT_BODY:
                await body.begin()
            done: asyncio.Future[None] = loop.create_future()
            self._threads.run(lambda: self._settle(loop, done, exchange))
            await done
        finally:
            self._under_way -= 1
            await body.end()
            exchange.end()

    def _settle(self, loop: asyncio.AbstractEventLoop, done: asyncio.Future[None], exchange: _Exchange) -> None:
        """Call the application in this thread, and tell the loop how it went, which may be gone when the server stops.

        Waking the loop costs as much as a small answer does. What has been answered has nothing left to do there but to
        be forgotten, so that waits for the next request or tick.
        """
        failure: BaseException | None = None
        try:
            if exchange.run():
                self._answered.append(done)
                return
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell, done, failure)

    def _let_go(self) -> None:
        while self._answered:
            _tell(self._answered.popleft(), None)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._let_go()
        self._ticks = self._under_way > 0
        if self._ticks:
            loop.call_later(_TICK_S, self._tick, loop)


def _tell(done: asyncio.Future[None], failure: BaseException | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


class _Body(io.RawIOBase):
    """A request's body, as a WSGI application reads it; the loop's methods are `begin` and `end`.

    Reading raises `TimeoutError` where it does not come apace, and `ConnectionError` where the client went before its
    end. ``gone``: the client is no longer there, as far as anybody has watched.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, receive: Receive) -> None:
        self._loop = loop
        self._receive = receive
        self._begun = time.monotonic()
        self._rest = b""
        self._came = 0
        self._more = False
        self.gone = False
        self._coming: bytearray = bytearray()
        self._changed = Condition()
        self._pump: asyncio.Task[None] | None = None
        self._room = asyncio.Event()

    async def begin(self) -> None:
        """Wait for the first part."""
        self._more = True
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._more and self._came < FIRST_PART:
                    await self._take()
        except TimeoutError:
            return  # to be raised where it is read, so that it is answered like anything else
        if self._more:
            self.watch()

    @property
    def is_watched(self) -> bool:
        """Whether the loop is still taking it."""
        return self._pump is not None

    def watch(self) -> None:
        """Take what is left of the body as it comes, and notice when the client goes."""
        if self._pump is None:
            self._pump = self._loop.create_task(self._go_on())

    async def end(self) -> None:
        """Take no more: the request was answered.

        What the web server passes bodies on with is let go of here, for WSGI applications leave cycles behind that hold
        on to their input; as long as anybody does, it waits for the rest of a body that nobody wants. So is, by
        `_Exchange.end`, what it takes answers with.
        """
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        self._receive = _nothing_more

    async def _take(self) -> None:
        message = await self._receive()
        with self._changed:
            self.gone = message["type"] == "http.disconnect"
            self._more = message.get("more_body", False)
            piece = message.get("body", b"")
            self._came += len(piece)
            self._coming += piece
            self._changed.notify()

    async def _go_on(self) -> None:
        while not self.gone:
            await self._take()
            if len(self._coming) > _AHEAD:
                self._room.clear()
                await self._room.wait()

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come, at most as much as there is room for; where that is nothing, wait for it."""
        if not self._rest:
            self._rest = self._come()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _come(self) -> bytes:
        with self._changed:
            while not self._coming and self._more:
                left = self._begun + PATIENCE_S + self._came / SLOWEST - time.monotonic()
                if left <= 0 or not self._changed.wait(min(left, PATIENCE_S)):
                    raise TimeoutError("the body does not come apace")
            if self.gone and not self._coming:
                raise ConnectionError("the client has gone before the end of the body")
            came = bytes(self._coming)
            self._coming.clear()
        if self._pump is not None:
            self._loop.call_soon_threadsafe(self._room.set)
        return came


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


async def _nowhere(_: Message) -> None:
    raise ConnectionError("the request was answered already")


class _Exchange:
    """A call of the application, in a thread.

    An answer that has a length or can have no body is handed over whole, and nobody waits for the client to take it.
    Any other is sent as it is made.
    """

    def __init__(
        self, application: WSGIApplication, environ: Message, body: _Body, loop: asyncio.AbstractEventLoop, send: Send
    ) -> None:
        self._application = application
        self._environ = environ | {"spotter.is_gone": self._is_gone}
        self._body = body
        self._loop = loop
        self._send = send
        self._start: Message = {}

    def run(self) -> bool:
        """Call the application, and answer; false where the loop has something left to do for it."""
        answer = self._application(self._environ, self._started)
        try:
            without_body = self._start["status"] in _WITHOUT_ANSWER
            if without_body or any(name == b"content-length" for name, _ in self._start["headers"]):
                self._hand_over(self._start)
                self._hand_over({"type": "http.response.body", "body": b"".join(answer)})
                return not self._body.is_watched
            with suppress(OSError):  # too slow, or gone
                self._stream(answer)
            return False
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()

    def end(self) -> None:
        """Send no more: the request was answered."""
        self._send = _nowhere

    def _is_gone(self) -> bool:
        """Whether the client has gone, as far as that has been noticed since this was first asked."""
        if not self._body.is_watched:
            self._loop.call_soon_threadsafe(self._body.watch)
        return self._body.gone

    def _hand_over(self, message: Message) -> None:
        """Give the server a message of an answer that is sent whole, from this thread and without awaiting anything.

        ASGI has ``send`` awaited, and a coroutine function would do nothing until it is. granian's is none: calling it
        already passes the message on, from any thread, and what it gives back to be awaited only tells when there is
        room for more. Before a whole answer nothing was sent, so there is room. Awaiting it would wake the event loop,
        which costs as much as a small answer. No document of granian's promises this, so ``pyproject.toml`` names the
        versions that do it, and every test over HTTP shows it.
        """
        self._send(message)

    def _started(self, status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Callable[[bytes], object]:
        written = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._start = {"type": "http.response.start", "status": int(status[:3]), "headers": written}
        return _write

    def _stream(self, pieces: Iterable[bytes]) -> None:
        self._loop.call_soon_threadsafe(self._body.watch)
        self._sent(self._start)
        for piece in pieces:
            if piece:
                self._sent({"type": "http.response.body", "body": piece, "more_body": True})
        self._sent({"type": "http.response.body", "body": b""})

    def _sent(self, message: Message) -> None:
        """Send a message from this thread; returns when there is room for more."""
        if self._body.gone:
            raise ConnectionError("the client has gone before the end of the answer")
        sending = asyncio.run_coroutine_threadsafe(self._sending(message), self._loop)
        try:
            sending.result(PATIENCE_S)
        finally:
            sending.cancel()

    async def _sending(self, message: Message) -> None:
        await self._send(message)


def _write(_: bytes) -> None:
    raise NotImplementedError("write() is for applications older than ours")


_CONSTANT: Final[Message] = {
    "SCRIPT_NAME": "",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


def _environ(scope: Message, body: io.RawIOBase) -> Message:
    path = scope["raw_path"]
    client = scope.get("client")
    environ = {
        **_CONSTANT,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
    }
    for name, value in scope["headers"]:
        variable = _variable(name)
        text = value.decode("latin-1")
        environ[variable] = f"{environ[variable]},{text}" if variable in environ else text
    return environ


@lru_cache(256)
def _variable(header: bytes) -> str:
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
