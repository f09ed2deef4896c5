"""What every process logs: one JSON object a line on standard error, Spotter's own and the libraries' alike.

A line names the request or job that it belongs to, the gym, the lifter and the version of their log; never a key, a
body, a note or a load. A lifter is named by a hash (docs/decisions/0016).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO, Final, Literal, cast

import msgspec
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

Level = Literal["debug", "info", "warning", "error"]

_LEVELS: Final[Mapping[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_SHARED: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def configure_logs(level: Level = "info") -> None:
    """Set logging up for this process."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_named, *_SHARED],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _json_text],
        )
    )
    # Libraries tell at most what an operator should look at.
    logging.basicConfig(level=max(_LEVELS[level], logging.WARNING), handlers=[handler], force=True)
    # Not by way of the standard library's loggers: a line for each request must cost next to nothing.
    structlog.configure(
        processors=[*_SHARED, _json],
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", _Unfailing(sys.stderr.buffer))),
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        cache_logger_on_first_use=True,
    )


class _Unfailing:
    """A file to which a line is written at once or, where its disk is full, not at all: nobody is refused for a log."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = getattr(file, "raw", file)  # what a buffer could not write it would keep, and fail again

    def write(self, line: bytes) -> None:
        with suppress(OSError):
            self._file.write(line)

    def flush(self) -> None:
        """Everything is written already."""


def configure_terminal_logs() -> None:
    """Set logging up for a command: what whoever typed it should know, in words, on standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.ExceptionRenderer(),
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines name ``name``; what it logs are an event's name and its fields."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(part=name))


def begin(**fields: Any) -> None:
    """Forget what the lines of this thread have named so far; from now on they name ``fields``."""
    clear_contextvars()
    note(**fields)


def note(**fields: Any) -> None:
    """Have every further line of the request or job that is under way name ``fields`` as well."""
    bind_contextvars(**fields)


def carried() -> dict[str, str]:
    """What others need to log on in the name of the request that is under way."""
    request_id = get_contextvars().get("request_id")
    return {} if request_id is None else {"request_id": request_id}


def _named(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event["part"] = event["_record"].name
    return event


def _json_text(logger: Any, method: str, event: structlog.typing.EventDict) -> str:
    return _json(logger, method, event).decode()


def _json(_logger: Any, _method: str, event: structlog.typing.EventDict) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


# A program that says nothing else, as a test or a benchmark is, shows warnings and no more.
configure_terminal_logs()
