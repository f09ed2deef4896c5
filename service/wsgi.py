"""The WSGI application that the web server serves: ``service.wsgi:application``."""

from __future__ import annotations

import os

from service.bootstrap import bootstrap
from service.config import Settings
from service.http.app import create_app
from service.http.logs import configure_logs

configure_logs()
application = create_app(
    bootstrap(Settings.from_environment(os.environ)), metrics_directory=os.environ.get("PROMETHEUS_MULTIPROC_DIR")
)
