"""Finding the Spotter that a command talks to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.errors import Unavailable
from service.running.log_server import log_served
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


@contextmanager
def log_of_spotter(*, may_be_new: bool = False) -> Iterator[Services]:
    """The services of that Spotter, also where it does not run; no key of the environment is made valid there.

    ``may_be_new``: whether its data folder may be one in which there is nothing yet.
    """
    settings = replace(Settings.from_environment(os.environ), api_key=None)
    with log_served(settings, may_be_new=may_be_new):
        yield bootstrap(settings)
