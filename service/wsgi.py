"""The WSGI application that the web server serves: ``service.wsgi:application``."""

from __future__ import annotations

import os

from service import costly_requests
from service.bootstrap import bootstrap_when_served
from service.config import Settings
from service.http.app import create_app
from service.http.bulkhead import METRICS_DIRECTORY, Bulkhead
from service.logs import configure_logs
from service.traces import configure_traces

settings = Settings.from_environment(os.environ)
configure_logs(settings.log_level)
configure_traces("web", send=settings.traces)
services = bootstrap_when_served(settings)
application = create_app(
    services,
    metrics_directory=os.environ.get(METRICS_DIRECTORY),
    bulkhead=Bulkhead(costly_requests.COMMAND, settings.costly_at_once),
)
