"""Finding the Spotter that a command talks to."""

from __future__ import annotations

import os

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.errors import Unavailable
from service.usecases.services import Services


def _is_forbidden(error: BaseException | None) -> bool:
    """Whether a socket could not be reached because the system lets this user not near it."""
    while error is not None:
        if isinstance(error, PermissionError):  # of EACCES and EPERM alike
            return True
        error = error.__cause__ or error.__context__
    return False


def running_spotter() -> Services:
    """The services of the Spotter that the environment leads to; a clear refusal when none is running."""
    settings = Settings.from_environment(os.environ)
    try:
        return bootstrap(settings)
    except Unavailable as error:
        if not settings.embedded_log:
            raise
        if _is_forbidden(error):
            raise Unavailable(
                f"the data folder {settings.data_dir} belongs to another user, so that it cannot be seen whether a "
                "Spotter runs there: run this as that user, or name another folder with SPOTTER_DATA_DIR."
            ) from error
        raise Unavailable(
            f"no Spotter is running on {settings.data_dir}: start it with `spotter run` or `make run`, "
            "or name another one with SPOTTER_DATA_DIR or SPOTTER_REDIS_URL."
        ) from error
