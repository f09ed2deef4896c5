"""The application in process, on real servers with the real rules, seen through the contract."""

import pytest
from flask import Flask

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.http.app import create_app
from service.store.connections import Client, connect
from service.usecases.rules.publish import publish_rules
from tests.support.contract import ContractClient


@pytest.fixture(scope="module")
def log_server(log_url: str) -> Client:
    """A client of the server, or cluster, that holds the log."""
    return connect(log_url)


@pytest.fixture(scope="module")
def services(log_server: Client, log_url: str, queue_url: str) -> Services:
    """The services of a fresh Spotter; tests keep apart by the gym."""
    for client in (log_server, connect(queue_url)):
        client.execute_command("FLUSHALL")
    made = bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": log_url, "SPOTTER_QUEUE_URL": queue_url}))
    publish_rules(made)
    return made


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    """The application over these services."""
    return create_app(services)


@pytest.fixture
def durability(services: Services, request: pytest.FixtureRequest) -> str:
    """What an append is worth on the server of these tests; of a cluster, what it says of itself."""
    return services.promise.check().durability if request.config.getoption("--log-on") == "cluster" else "fsync"


@pytest.fixture
def key(services: Services, gym: str) -> str:
    """A key of the test's own gym, with every scope."""
    services.keys.add(gym, f"key-of-{gym}", created_at=0)
    return f"key-of-{gym}"


@pytest.fixture
def api(app: Flask, key: str) -> ContractClient:
    """A client of the test's own gym."""
    return ContractClient(app, key)
