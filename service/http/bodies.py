"""Taking a request's body off the wire, never more of it than the operation allows, compressed or not."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Final, NamedTuple

from flask import request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from service.domain.errors import InvalidInput, Problem, SpotterError

LARGEST_BODY: Final = 64 * 1024
"""Bytes in the body of a request for a single event, and in a line of many; also once a compressed one is expanded."""

MOST_READ: Final = LARGEST_BODY + 1
"""What the framework may read. It cuts a chunked body off there without a word, so one byte more tells."""

LARGEST_STREAM: Final = 256 * 1024 * 1024
"""Bytes in the body of an import or of many lines, expanded: a lifter with half a million events."""

MOST_EXPANSION: Final = 64
"""Bytes that a compressed one may become, beyond the first `FREE_EXPANSION`: sets of real gyms become 7 to 18."""

FREE_EXPANSION: Final = 1024 * 1024
"""Bytes that a compressed body may become, whatever its size."""

SHORTEST_EVENT: Final = 64
"""Bytes; a line that says anything is longer. So a body has at most one line for so many, beside `FREE_LINES`."""

FREE_LINES: Final = 10_000
"""Lines that a body may have, whatever its size: blank ones and mistakes."""

_FORM: Final = "multipart/form-data"

_FILES: Final = ("text/csv", "application/json", "application/octet-stream", _FORM)
"""What a file may be said to be, or what it stands in; what it is, its bytes tell."""

_MOST_PARTS: Final = 20
"""Parts of a form that a file stands in."""

_CHUNK: Final = 256 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


class TooLarge(SpotterError):
    """A body, or a line of it, that is longer than what is taken (HTTP 413)."""


class BadEncoding(SpotterError):
    """A body that is not in the encoding that its Content-Encoding names (HTTP 400)."""


class TooSlow(SpotterError):
    """A body that does not come apace (HTTP 408)."""


class NumberedLine(NamedTuple):
    """A line of a body; ``text`` is None where it is too long to be taken."""

    number: int
    text: bytes | None


def form_body() -> bytes:
    """The body of a form, which was read to see that it is one of ours, and can be read once more."""
    return request.get_data()


def json_body(largest: int = LARGEST_BODY, *, else_: str = "") -> bytes:
    """The body, of at most ``largest`` bytes, of a request that says it is JSON; ``else_`` says where others belong."""
    _check_media("application/json", "send the body as Content-Type: application/json", else_)
    return b"".join(_chunks(largest))


class PostedFile(NamedTuple):
    """A file, and what a form that it stands in says beside it; fields that were left empty say nothing."""

    content: bytes
    fields: Mapping[str, str]


def file_body(largest: int) -> bytes:
    """The body of a request with a file of at most ``largest`` bytes, as it is or in a form: see `posted_file`."""
    wanted = request.mimetype if request.mimetype in _FILES else "text/csv"
    _check_media(wanted, f"send the file as Content-Type: {', '.join(_FILES)}")
    return b"".join(_chunks(largest + LARGEST_BODY if wanted == _FORM else largest))


def posted_file(body: bytes, largest: int) -> PostedFile:
    """The file that is a body, or a form's part called ``file``; raises `InvalidInput` and `TooLarge`."""
    if request.mimetype != _FORM:
        return PostedFile(body, {})
    parser = FormDataParser(
        lambda *_, **__: io.BytesIO(), max_form_memory_size=LARGEST_BODY, max_form_parts=_MOST_PARTS, silent=False
    )
    try:
        _, fields, parts = parser.parse(io.BytesIO(body), _FORM, len(body), request.mimetype_params)
    except RequestEntityTooLarge:
        raise TooLarge(f"a form has at most {_MOST_PARTS} parts, and {LARGEST_BODY} bytes beside the file") from None
    except ValueError as error:
        raise InvalidInput(Problem("", f"is no form that can be read: {error}")) from None
    if len(parts.getlist("file")) != 1:
        raise InvalidInput(Problem("/file", "must be one part of the form, with a file name"))
    content = parts["file"].read()
    if len(content) > largest:
        raise _too_large(largest)
    return PostedFile(content, {name: said for name, said in fields.items() if said})


def ndjson_chunks(*, else_: str = "") -> Iterator[bytes]:
    """The body of a request that says it is NDJSON, as it arrives, expanded; ``else_`` says where others belong."""
    _check_media("application/x-ndjson", "send the lines as Content-Type: application/x-ndjson", else_)
    return _chunks(LARGEST_STREAM)


def ndjson_lines(longest: int) -> Iterator[bytes]:
    """The lines of a body that says it is NDJSON, as they arrive; blank ones are left out.

    Memory holds no more than a line of at most ``longest`` bytes and a chunk.
    """
    for lines in numbered_lines(ndjson_chunks(), longest):
        for _, text in lines:
            if text is None:
                raise TooLarge(f"a line has at most {longest} bytes")
            yield text


def numbered_lines(chunks: Iterator[bytes], longest: int) -> Iterator[list[NumberedLine]]:
    """The lines that each chunk ends, numbered from 1; blank ones are counted and left out.

    Of a line that is too long nothing is kept. Raises `TooLarge` for more lines than the bytes so far can hold events:
    a line costs a thousand times what its line feed did, so they are counted before any is looked at.
    """
    number, rest, too_long, taken = 0, b"", False, 0
    for chunk in chunks:
        taken += len(chunk)
        if number + chunk.count(b"\n") > FREE_LINES + taken // SHORTEST_EVENT:
            raise TooLarge(f"a body has at most {FREE_LINES} lines and one more for every {SHORTEST_EVENT} bytes of it")
        *ended, last = chunk.split(b"\n")
        lines = []
        for text in ended:
            number += 1
            if too_long or len(rest) + len(text) > longest:
                lines.append(NumberedLine(number, None))
            elif whole := (rest + text).strip():
                lines.append(NumberedLine(number, whole))
            rest, too_long = b"", False
        too_long = too_long or len(rest) + len(last) > longest
        rest = b"" if too_long else rest + last
        yield lines
    if too_long or rest.strip():
        yield [NumberedLine(number + 1, None if too_long else rest.strip())]


def _check_media(wanted: str, advice: str, else_: str = "") -> None:
    if request.mimetype != wanted:
        raise UnsupportedMediaType(f"{advice}; {else_}" if else_ else advice)
    if (request.content_encoding or "gzip").lower() != "gzip":
        raise UnsupportedMediaType("send the body as it is, or with Content-Encoding: gzip")


def _chunks(largest: int) -> Iterator[bytes]:
    """The body in pieces, expanded; raises `TooLarge` and `BadEncoding`."""
    if (request.content_length or 0) > largest:
        raise _too_large(largest)
    request.max_content_length = largest + 1
    raw = _bounded(_arriving(request.stream), largest)
    return _bounded(_expanded(raw), largest) if request.content_encoding else raw


def _arriving(stream: IO[bytes]) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK):
            yield chunk
    except ClientDisconnected as error:  # werkzeug's word for whatever keeps it from reading
        if isinstance(error.__context__, TimeoutError):
            raise TooSlow(str(error.__context__)) from None
        raise


def _bounded(chunks: Iterator[bytes], largest: int) -> Iterator[bytes]:
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        if taken > largest:
            raise _too_large(largest)
        yield chunk


def _expanded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """What a gzip member holds, in pieces of a bounded size, however far a byte of it expands."""
    member = zlib.decompressobj(_GZIP)
    came = expanded = 0
    for chunk in chunks:
        came += len(chunk)
        piece = _piece(member, chunk)
        while piece:
            expanded += len(piece)
            if expanded > FREE_EXPANSION + MOST_EXPANSION * came:
                raise TooLarge(f"a body becomes at most {MOST_EXPANSION} times as large when it is expanded")
            yield piece
            piece = _piece(member, member.unconsumed_tail)
        if member.unused_data:
            raise BadEncoding("the body is more than one gzip member")
    if not member.eof:
        raise BadEncoding("the body is not whole: its gzip data ends too early")


def _piece(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return member.decompress(data, _CHUNK)
    except zlib.error as error:
        raise BadEncoding(f"the body is not gzip, as its Content-Encoding says: {error}") from None


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"a body has at most {largest} bytes here, once it is expanded too")
