"""Publishing rules: archived once and for ever, newest by programme, nothing when anything is wrong."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from service.bootstrap import Services
from service.domain.errors import NotFound, RuleSetInvalid
from service.domain.events import LifterNoted
from service.domain.identifiers import LifterRef
from service.domain.instants import HOUR
from service.store import key_names
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.lifter.prescribe import next_for
from service.usecases.lifter.recommendation_history import recommended
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
from service.usecases.rules.publish import publish_rules


@pytest.fixture
def edited(services: Services, tmp_path: Path) -> Services:
    """Services whose rule files are a copy that a test may edit."""
    rules = tmp_path / "rules"
    shutil.copytree(services.settings.rules_dir, rules)
    return replace(services, settings=replace(services.settings, rules_dir=rules))


def test_the_rules_of_the_house_are_published_and_can_be_used(services: Services) -> None:
    published = services.archive.published()
    assert {"default", "upper-back"} <= published.keys()
    for programme, digest in published.items():
        rule_set = services.rule_sets.get(digest)
        assert (rule_set.programme.id, rule_set.digest) == (programme, digest)
        assert services.archive.get(digest) == rule_set.files


def test_publishing_the_same_files_again_changes_nothing(services: Services) -> None:
    assert publish_rules(services) == []


def test_an_edited_programme_becomes_the_newest_and_the_old_one_stays(edited: Services) -> None:
    before = edited.archive.published()
    programme = edited.settings.rules_dir / "programmes" / "upper-back.yaml"
    programme.write_bytes(programme.read_bytes() + b"\n# edited\n")
    (change,) = publish_rules(edited)
    assert (change.programme, change.before) == ("upper-back", before["upper-back"])
    assert edited.archive.newest("upper-back") == change.digest != change.before
    assert edited.rule_sets.get(before["upper-back"]).programme.id == "upper-back"


def test_an_archived_rule_set_never_changes(services: Services) -> None:
    digest = services.default_digest()
    files = services.archive.get(digest)
    services.archive.put({digest: {"programmes/default.yaml": b"other"}})
    assert services.archive.get(digest) == files


def test_a_broken_file_publishes_nothing_and_the_last_good_rules_go_on(edited: Services) -> None:
    before = edited.archive.published()
    folder = edited.settings.rules_dir / "programmes"
    good, broken = folder / "default.yaml", folder / "upper-back.yaml"
    good.write_bytes(good.read_bytes() + b"\n# edited\n")
    broken.write_text("programme: upper-back\nnonsense: true\n")
    with pytest.raises(RuleSetInvalid):
        publish_rules(edited)
    assert edited.archive.published() == before


def test_a_digest_nobody_archived_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound, match="f" * 64):
        services.rule_sets.get("f" * 64)
    with pytest.raises(KeyError):
        services.rule_sets["f" * 64]


def _publish_another_default(edited: Services) -> tuple[str, str]:
    """The digests of the default rules that were the newest, and are now."""
    default = edited.settings.rules_dir / "programmes" / "default.yaml"
    default.write_bytes(default.read_bytes() + b"\n# edited\n")
    (change,) = publish_rules(edited)
    edited.rule_sets._until = time.monotonic()  # what is published is believed for some seconds
    assert change.before is not None
    return change.before, change.digest


def test_what_is_asked_of_a_time_before_rules_were_published_never_changes(edited: Services, gym: str) -> None:
    """Of a log that pins no default rules yet."""
    lifter = LifterRef(gym, "ann")
    as_of = edited.clock()
    append_event(edited, lifter, Submission("n", as_of - HOUR, LifterNoted(note="hello")), actor="k")
    asked = next_for(edited, lifter, "deadlift", as_of=as_of, at_version=1)
    (given,), _ = recommended(edited, lifter, "deadlift", after=0, limit=10)
    before, after = _publish_another_default(edited)
    assert next_for(edited, lifter, "deadlift", as_of=as_of, at_version=1) == asked
    assert asked.rule_set.digest == before
    assert recommended(edited, lifter, "deadlift", after=0, limit=10) == ([given], False)
    assert next_for(edited, lifter, "deadlift").rule_set.digest == after
    assert next_for(edited, lifter, "deadlift", as_of=edited.clock()).rule_set.digest == after


def test_a_spotter_that_did_not_keep_when_rules_were_published_begins_with_the_newest(
    edited: Services, valkey: redis.Redis
) -> None:
    valkey.flushall()
    publish_rules(edited)
    valkey.delete(key_names.publications(DEFAULT_PROGRAMME))
    edited.rule_sets._until = time.monotonic()
    as_of = edited.clock()
    assert edited.default_digest_at()(as_of) == edited.default_digest()
    before, after = _publish_another_default(edited)
    assert [edited.default_digest_at()(at) for at in (-1, 0, as_of, edited.clock())] == [before] * 3 + [after]
