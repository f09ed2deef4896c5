"""Finding the Spotter that a command talks to."""

from __future__ import annotations

import os

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.errors import Unavailable
from service.usecases.services import Services


def running_spotter() -> Services:
    """The services of the Spotter that the environment leads to; a clear refusal when none is running."""
    settings = Settings.from_environment(os.environ)
    try:
        return bootstrap(settings)
    except Unavailable as error:
        if not settings.embedded_log:
            raise
        raise Unavailable(
            f"no Spotter is running on {settings.data_dir}: start it with `spotter run` or `make run`, "
            "or name another one with SPOTTER_DATA_DIR or SPOTTER_REDIS_URL."
        ) from error
