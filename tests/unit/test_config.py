"""Settings from the environment."""

import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from service.config import InvalidSetting, Settings
from service.store.api_keys import new_key


def test_without_any_variable_everything_is_embedded_and_local() -> None:
    settings = Settings.from_environment({})
    assert settings.embedded_log
    assert settings.embedded_queue
    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8080, None)
    assert settings.data_dir == Path.cwd() / "var"
    assert (settings.rules_dir / "exercises").is_dir()
    assert (settings.durability, settings.replicas) == ("auto", 0)
    assert settings.rate_limit == 300_000


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_environment({"SPOTTER_PORT": " ", "SPOTTER_API_KEY": ""}) == Settings.from_environment({})


def test_a_named_server_is_not_embedded() -> None:
    settings = Settings.from_environment(
        {"SPOTTER_REDIS_URL": "redis+cluster://db:7000", "SPOTTER_QUEUE_URL": "rediss://queue"}
    )
    assert (settings.redis_url, settings.embedded_log) == ("redis+cluster://db:7000", False)
    assert (settings.queue_url, settings.embedded_queue) == ("rediss://queue", False)


def test_replicated_durability_waits_for_one_replica_unless_told_otherwise() -> None:
    replicated = {"SPOTTER_DURABILITY": "replicated"}
    assert Settings.from_environment(replicated).replicas == 1
    assert Settings.from_environment(replicated | {"SPOTTER_REPLICAS": "2"}).replicas == 2


@pytest.mark.parametrize("length", [1, 60, 83, 84, 85, 86, 87, 100, 400])
def test_socket_paths_fit_the_kernel_whatever_the_data_directory_is_called(length: int) -> None:
    environ = {"SPOTTER_DATA_DIR": "/" + "d" * length}
    settings = Settings.from_environment(environ)
    paths = [unquote(urlsplit(url).path) for url in (settings.redis_url, settings.queue_url)]
    assert len(set(paths)) == 2
    assert all(len(os.fsencode(path)) <= 103 for path in paths)
    assert Settings.from_environment(environ) == settings


def test_two_long_data_directories_do_not_share_a_socket() -> None:
    first, second = (Settings.from_environment({"SPOTTER_DATA_DIR": "/" + "d" * 200 + end}) for end in "ab")
    assert first.redis_url != second.redis_url


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SPOTTER_PORT", "80a", "SPOTTER_PORT must be a whole number from 1 to 65535, not '80a'."),
        ("SPOTTER_RATE_LIMIT", "0", "SPOTTER_RATE_LIMIT must be a whole number from 1 to 999999999, not '0'."),
        ("SPOTTER_PORT", "0", "SPOTTER_PORT must be a whole number from 1 to 65535, not '0'."),
        ("SPOTTER_PORT", "65536", "SPOTTER_PORT must be a whole number from 1 to 65535, not '65536'."),
        ("SPOTTER_WORKERS", "-1", "SPOTTER_WORKERS must be a whole number from 1 to 256, not '-1'."),
        ("SPOTTER_WEB_PROCESSES", "1.5", "SPOTTER_WEB_PROCESSES must be a whole number from 1 to 256, not '1.5'."),
        ("SPOTTER_DURABILITY", "strong", "SPOTTER_DURABILITY must be 'auto' or 'replicated', not 'strong'."),
        (
            "SPOTTER_API_KEY",
            "two words",
            "SPOTTER_API_KEY must be at most 256 visible ASCII characters without spaces.",
        ),
    ],
)
def test_a_value_that_makes_no_sense_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(InvalidSetting) as refusal:
        Settings.from_environment({name: value})
    assert str(refusal.value) == sentence


def test_origins_are_as_browsers_send_them() -> None:
    assert Settings.from_environment({}).cors_origins == ()
    given = "https://app.example, http://localhost:5173 capacitor://localhost,http://[::1]:3000"
    assert Settings.from_environment({"SPOTTER_CORS_ORIGINS": given}).cors_origins == (
        "https://app.example",
        "http://localhost:5173",
        "capacitor://localhost",
        "http://[::1]:3000",
    )


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "app.example",
        "https://app.example/",
        "https://App.example",
        "https://*.app.example",
        "https://app.example:443",
        "http://app.example:80",
        "https://app.example:65536",
        "https://me@app.example",
        "https://app.example?x",
        "https://",
        "https://b\u00fccher.example",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_refused(origin: str) -> None:
    with pytest.raises(InvalidSetting, match="SPOTTER_CORS_ORIGINS must be origins as browsers send them"):
        Settings.from_environment({"SPOTTER_CORS_ORIGINS": f"https://good.example, {origin}"})


def test_a_refused_url_does_not_give_its_password_away() -> None:
    with pytest.raises(InvalidSetting) as refusal:
        Settings.from_environment({"SPOTTER_REDIS_URL": "http://me:secret@db"})
    assert "its scheme is 'http'" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_jobs_need_a_single_server() -> None:
    with pytest.raises(InvalidSetting, match="SPOTTER_QUEUE_URL must start with one of redis://"):
        Settings.from_environment({"SPOTTER_QUEUE_URL": "redis+cluster://queue"})


@pytest.mark.parametrize("key", ["x", "changeme", "aaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcde"])
def test_a_key_that_is_easily_guessed_is_doubted_and_not_repeated(key: str) -> None:
    (doubt,) = Settings.from_environment({"SPOTTER_API_KEY": key}).doubts
    assert doubt.startswith("SPOTTER_API_KEY is weak")
    assert len(key) == 1 or key not in doubt


def test_a_key_that_is_made_is_not_doubted() -> None:
    assert Settings.from_environment({"SPOTTER_API_KEY": new_key()}).doubts == ()


def test_a_variable_that_nobody_reads_is_named_with_what_was_meant() -> None:
    environ = {"SPOTTER_DATADIR": "/data", "SPOTTER_WORKER": "3", "SPOTTER_SERVICE_HOST": "10.0.0.1", "SPOTTER_X": ""}
    assert Settings.from_environment(environ).doubts == (
        "SPOTTER_DATADIR is no setting of Spotter and is passed over. Did you mean SPOTTER_DATA_DIR?",
        "SPOTTER_SERVICE_HOST is no setting of Spotter and is passed over.",
        "SPOTTER_WORKER is no setting of Spotter and is passed over. Did you mean SPOTTER_WORKERS?",
    )


def test_every_setting_of_the_guide_is_known() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "production.md").read_text()
    named = set(re.findall(r"SPOTTER_[A-Z_]*[A-Z]", guide))
    assert len(named) > 5
    for name in named - {"SPOTTER_API_KEY"}:
        with suppress(InvalidSetting):
            assert Settings.from_environment({name: "1"}).doubts == ()
