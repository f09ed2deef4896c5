"""The application in process, on real servers with the real rules, seen as a browser sees it."""

import pytest
from flask import Flask

from service.bootstrap import Services
from tests.contract.conftest import api, app, key, log_server, services
from tests.support.browser import Browser

__all__ = ["api", "app", "key", "log_server", "services"]  # fixtures


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """A browser that nobody signed in."""
    return Browser(app)


@pytest.fixture
def browser(app: Flask, key: str) -> Browser:
    """A browser signed in with a key of the test's own gym that has every scope."""
    browser = Browser(app)
    browser.sign_in(key)
    return browser


@pytest.fixture
def reader(app: Flask, services: Services, gym: str) -> Browser:
    """One signed in with a key that may read and nothing else."""
    services.keys.add(gym, f"reads-{gym}", created_at=0, scopes=("read",))
    browser = Browser(app)
    browser.sign_in(f"reads-{gym}")
    return browser
