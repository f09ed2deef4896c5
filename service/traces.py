"""OpenTelemetry traces, from a request to the drain that it woke, for whoever configured an endpoint to send them to.

Without one nothing of OpenTelemetry is imported, and a span costs a function call.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from typing import Any, Final, Literal, Protocol

from service.domain.errors import SpotterError

Kind = Literal["internal", "server", "client", "producer", "consumer"]


class Span(Protocol):
    """What may be done with a span that is open."""

    def set_attribute(self, key: str, value: Any) -> None:
        """Say something about it."""


class _Nothing:
    """The span of whoever does not trace."""

    def set_attribute(self, key: str, value: Any) -> None:
        """Forget it."""


_NO_SPAN: Final[AbstractContextManager[Span]] = nullcontext(_Nothing())

_sender: Any = None
"""A `service.otel.Sender` once `configure_traces` was told to send."""


def configure_traces(part: str, *, send: bool) -> None:
    """Trace what this process does, when that is to be sent somewhere; ``part`` says which process it is of Spotter.

    Where to, how much of it and in whose name is read by OpenTelemetry itself, from the environment variables that it
    defines (``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_TRACES_SAMPLER``, ``OTEL_SERVICE_NAME``, ...).
    """
    global _sender  # noqa: PLW0603 - as loggers are, it is the process'
    if send:
        _sender = sender()(part, version("spotter"))


def sender() -> Any:
    """The class of what sends traces; raises `SpotterError` where the packages for it are not installed."""
    try:
        from service.otel import Sender  # noqa: PLC0415 - takes long, and most have no use for it
    except ImportError as error:
        raise SpotterError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends traces there is not installed. Install it "
            "(pip install --require-hashes -r requirements/traces.txt), or set OTEL_SDK_DISABLED=true."
        ) from error
    return Sender


def are_sent() -> bool:
    """Whether anybody wants to know: if not, what a span would say need not be put together."""
    return _sender is not None


def span(
    name: str, kind: Kind = "internal", carried: Mapping[str, str] | None = None, **attributes: Any
) -> AbstractContextManager[Span]:
    """A span around what is done meanwhile, within the one that is open, or that ``carried`` names.

    An exception that goes through is noted in it. In the names of ``attributes`` a double underscore stands for a dot.
    """
    if _sender is None:
        return _NO_SPAN
    span: AbstractContextManager[Span] = _sender.span(name, kind, carried, attributes)
    return span


def failed(what: str) -> None:
    """Say that what the open span is about went wrong."""
    if _sender is not None:
        _sender.failed(what)


def carried() -> dict[str, str]:
    """What others need to carry the trace on: W3C Trace Context's headers for the span that is open."""
    return {} if _sender is None else _sender.carried()


def trace_id() -> str | None:
    """The id of the trace that is open, in hex."""
    return None if _sender is None else _sender.trace_id()
