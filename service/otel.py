"""The one module that knows OpenTelemetry; imported only where traces are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.util import Finalize
from threading import Timer
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_LAST_SECONDS: Final = 2.0
"""How long a process that ends tries to send what it has not sent yet; nobody waits longer for whom nobody hears."""


class Sender:
    """Makes spans and sends them in batches, from a thread of its own, over HTTP with Protobuf."""

    def __init__(self, part: str, version: str) -> None:
        ours = {"service.name": "spotter", "service.version": version, "spotter.part": part}
        resource = Resource.create(ours).merge(OTELResourceDetector().detect())
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()
        provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._provider = provider
        # Not atexit, which the web server's processes end without.
        Finalize(None, self._send_the_rest, exitpriority=0)
        self._tracer: Tracer = provider.get_tracer("spotter", version)
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def span(
        self, name: str, kind: str, carried: Mapping[str, str] | None, attributes: Mapping[str, Any]
    ) -> Iterator[Span]:
        """See `service.traces.span`."""
        with self._tracer.start_as_current_span(
            name,
            context=None if carried is None else self._context.extract(carried),
            kind=SpanKind[kind.upper()],
            attributes={key.replace("__", "."): value for key, value in attributes.items() if value is not None},
        ) as span:
            yield span

    def _send_the_rest(self) -> None:
        giving_up = Timer(_LAST_SECONDS, self._exporter.shutdown)
        giving_up.daemon = True
        giving_up.start()
        self._provider.shutdown()
        giving_up.cancel()

    def failed(self, what: str) -> None:
        """See `service.traces.failed`."""
        span = get_current_span()
        span.set_status(StatusCode.ERROR)
        span.set_attribute("error.type", what)

    def carried(self) -> dict[str, str]:
        """See `service.traces.carried`."""
        headers: dict[str, str] = {}
        self._context.inject(headers)
        return headers

    def trace_id(self) -> str | None:
        """See `service.traces.trace_id`."""
        context = get_current_span().get_span_context()
        return format_trace_id(context.trace_id) if context.is_valid else None
