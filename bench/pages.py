"""How long a browser waits for pages: a card, a proof, the list of 5,000 lifters, and a track of 10,000 events."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from html import unescape
from typing import Final
from urllib.parse import urlencode

from bench.client import Target, Timings, exchange
from bench.logs import START
from service.domain.errors import SpotterError
from service.domain.events import SetLogged
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND
from service.domain.loads import Load
from service.usecases.log.append import append_batches
from service.usecases.log.batch import Batch, Submission
from service.usecases.services import Services

LIFTERS: Final = 5000
_TIMES: Final = 50
_TIMES_WHOLE: Final = 9
_A_BATCH: Final = 500
_CSRF: Final = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def page_timings(target: Target, short: str, long: str) -> Iterator[tuple[str, Timings]]:
    """Each page's name, and the times until its first content was there; of the track also until all of it was.

    Card and proof are of the lifter ``short``, the track is of ``long``; the first list of the gym's lifters.
    """
    cookie = _signed_in(target)

    def asked(path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: {target.host}\r\nCookie: {cookie}\r\n\r\n".encode()

    def link(lifter: str, to: str) -> str:
        with target.connect() as connection:
            page = exchange(connection, asked(f"/lifters/{lifter}")).decode()
        return unescape(re.findall(rf'href="([^"]*/{to}/[^"]*)"', page)[0])

    for name, path in (
        ("page_card", f"/lifters/{short}"),
        ("page_proof", link(short, "proofs")),
        ("page_lifters_5k", "/lifters"),
    ):
        yield name, _looked_at(target, asked(path), times=_TIMES)[0]
    first, whole = _looked_at(target, asked(link(long, "tracks")), times=_TIMES_WHOLE)
    yield "page_track_10k", first
    yield "page_track_10k_whole", whole


def _looked_at(target: Target, request: bytes, *, times: int) -> tuple[Timings, Timings]:
    """The times until a page's heading was there, and until its end, each over a connection of its own."""
    first, whole = Timings(), Timings()
    for _ in range(times):
        with target.connect() as connection:
            begun = time.perf_counter()
            connection.sendall(request)
            came = b""
            for timings, sign in ((first, b"</h1>"), (whole, b"</html>")):
                while sign not in came:
                    piece = connection.recv(1 << 16)
                    if not piece:
                        raise SystemExit("a page broke off")
                    came += piece
                timings.answers.append(time.perf_counter() - begun)
    return first, whole


def enrol(services: Services) -> None:
    """Have the gym as many lifters as the list is about, each with a set."""
    data = SetLogged("squat", Load(Decimal(100), "kg"), 5)
    for first in range(0, LIFTERS, _A_BATCH):
        batches = [
            Batch(LifterRef("default", f"listed-{number}"), [Submission("1", START + number * SECOND, data)])
            for number in range(first, first + _A_BATCH)
        ]
        for became in append_batches(services, batches, actor="bench"):
            refused = [
                each
                for each in ([became] if isinstance(became, Exception) else became)
                if isinstance(each, SpotterError)
            ]
            if refused:
                raise refused[0]


def _signed_in(target: Target) -> str:
    """What a browser shows that signed in with the key."""
    with closing(http.client.HTTPConnection(target.host, target.port)) as connection:
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        before, page = _cookie(answer), answer.read().decode()
        form = {"key": target.key, "csrf_token": unescape(_CSRF.findall(page)[0])}
        headers = {"Cookie": before, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", urlencode(form), headers)
        answer = connection.getresponse()
        answer.read()
        return _cookie(answer)


def _cookie(answer: http.client.HTTPResponse) -> str:
    return str(answer.headers["Set-Cookie"]).partition(";")[0]
