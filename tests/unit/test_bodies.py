"""Bodies of lines are bounded by what they cost, counted before a line is looked at; docs/faults.md, 19."""

import gzip
from collections.abc import Iterator

import pytest

from service.http import bodies
from service.http.bodies import FREE_LINES, SHORTEST_EVENT, TooLarge, numbered_lines

_CHUNK = 256 * 1024


class _Chunks:
    """Chunks of a body, and how many of them were taken."""

    def __init__(self, chunk: bytes, count: int) -> None:
        self._chunk = chunk
        self._count = count
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._count):
            self.taken += 1
            yield self._chunk


@pytest.mark.parametrize("line", [b"\n", b" \n", b"x\n", b"{}\n"])
def test_lines_that_hold_no_events_end_the_body_soon(line: bytes) -> None:
    chunks = _Chunks(line * (_CHUNK // len(line)), 400)
    with pytest.raises(TooLarge, match="lines"):
        list(numbered_lines(iter(chunks), 1000))
    assert chunks.taken == 1


def test_as_many_lines_as_there_can_be_events() -> None:
    line = b"x" * (SHORTEST_EVENT - 1) + b"\n"
    chunks = _Chunks(line * 4096, 40)
    assert sum(map(len, numbered_lines(iter(chunks), 1000))) == 4096 * 40


def test_some_lines_are_free() -> None:
    assert list(numbered_lines(iter([b"\n" * FREE_LINES]), 1000)) == [[]]
    numbered = list(numbered_lines(iter([b"\n" * (FREE_LINES - 1) + b"last"]), 1000))
    assert numbered[-1] == [(FREE_LINES, b"last")]


def test_a_bomb_is_not_expanded_to_its_end() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    pieces = bodies._expanded(iter([bomb]))
    allowed = bodies.FREE_EXPANSION + bodies.MOST_EXPANSION * len(bomb)
    taken = 0
    while taken + _CHUNK <= allowed:
        taken += len(next(pieces))
    with pytest.raises(TooLarge, match="64 times"):
        next(pieces)


def test_what_compresses_well_is_taken() -> None:
    text = b"".join(
        b'{"lifter":"ann","event_id":"e%d","type":"session_completed"}\n' % number for number in range(90_000)
    )
    assert b"".join(bodies._expanded(iter([gzip.compress(text)]))) == text
