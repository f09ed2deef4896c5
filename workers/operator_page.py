"""The operator's page, served beside the sweep: on this machine only, and never in the way of it."""

from __future__ import annotations

import threading

from werkzeug.serving import WSGIRequestHandler, make_server

from service import logs
from service.config import Settings
from service.http.operator import create_operator_app
from service.running.doctor_checks import findings
from workers.jobs import services

_HOST = "127.0.0.1"

_log = logs.logger("spotter.operator")


class _Quiet(WSGIRequestHandler):
    """Answers without a word: who looks at the page is whoever runs this."""

    timeout = 30

    def version_string(self) -> str:
        """What serves here."""
        return "Spotter"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing."""


def serve_operator_page(settings: Settings) -> None:
    """Serve it in threads that end with this process, where a port is set; go on without it where that is taken."""
    if settings.operator_port is None:
        return
    app = create_operator_app(settings, services, findings)
    try:
        server = make_server(_HOST, settings.operator_port, app, threaded=True, request_handler=_Quiet)
    except (OSError, SystemExit) as error:  # werkzeug ends the process where the port is taken
        _log.warning("the operator's page is not served", port=settings.operator_port, why=str(error))
        return
    threading.Thread(target=server.serve_forever, name="operator-page", daemon=True).start()
