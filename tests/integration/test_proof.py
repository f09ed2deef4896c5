"""A prescription's proof out of a running Spotter, checked where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import main
from service.domain.events import BaselineSet, EventData, LifterNoted, ProgrammeAssigned, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.prescription import PrescriptionId
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read
from service.store import key_names
from service.usecases.lifter.erase import erase
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.prescribe import next_for
from service.usecases.lifter.proof_bundle import NoProof, proof_bundle
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission

START = 1_400_000_000_000_000
DAY = 86_400_000_000


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal("102.5"), "kg"), reps=reps)


def append(services: Services, lifter: LifterRef, *data: EventData) -> None:
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + place}", START + (head + place) * DAY, each) for place, each in enumerate(data, 1)]
    for result in append_events(services, lifter, batch, actor="k_theirs"):
        assert isinstance(result, Receipt), result


@pytest.fixture
def asked(services: Services, lifter: LifterRef) -> str:
    """What was asked of a lifter who has trained since."""
    append(services, lifter, ProgrammeAssigned("upper-back"), BaselineSet("deadlift", load=Load(Decimal(100), "kg")))
    append(services, lifter, *map(a_set, (6, 6, 5, 3)), SetVoided("e4"), a_set(6))
    prescription_id = next_for(services, lifter, "deadlift").prescription_id
    append(services, lifter, a_set(), a_set())
    return prescription_id


def spotter(environment: dict[str, str], *arguments: str | Path) -> Result:
    runner = CliRunner(env={"SPOTTER_REDIS_URL": None, "SPOTTER_QUEUE_URL": None, **environment})
    return runner.invoke(main, list(map(str, arguments)), catch_exceptions=False)


def test_the_bundle_has_the_derivation_that_spotter_gives(services: Services, lifter: LifterRef, asked: str) -> None:
    lines = proof_bundle(services, lifter, asked)
    bundle = read(lines)
    assert bundle.document == derivation(services, lifter, asked)
    assert [entry.version for entry in bundle.entries] == list(range(1, 9)), "and nothing that was logged later"
    assert len(bundle.rule_sets) == 2
    assert [flaw for each in check(bundle) for flaw in each.flaws] == []
    append(services, lifter, a_set())
    assert proof_bundle(services, lifter, asked) == lines


@pytest.mark.parametrize("programme", [None, "gzclp"])
def test_of_whoever_has_trained_by_defaults_or_changed_programmes(
    services: Services, lifter: LifterRef, asked: str, programme: str | None
) -> None:
    del asked
    others = LifterRef(lifter.gym, "lifter-2")
    who = others if programme is None else lifter
    append(services, who, *([] if programme is None else [ProgrammeAssigned(programme)]), a_set())
    exercise = "deadlift" if programme is None else "squat"
    bundle = read(proof_bundle(services, who, next_for(services, who, exercise).prescription_id))
    assert [flaw for each in check(bundle) for flaw in each.flaws] == []


def test_before_the_first_set_the_rules_of_the_day_are_in_it(services: Services, lifter: LifterRef) -> None:
    """Nothing in the log pins them yet; the prescription's id does."""
    append(services, lifter, LifterNoted(note="new here"))
    bundle = read(proof_bundle(services, lifter, next_for(services, lifter, "squat").prescription_id))
    assert [each.digest for each in bundle.rule_sets] == [services.default_digest()]
    assert [flaw for each in check(bundle) for flaw in each.flaws] == []


def test_no_proof_is_given_of_an_event_that_was_changed(
    services: Services, lifter: LifterRef, asked: str, valkey: redis.Redis
) -> None:
    log = key_names.log(lifter)
    stored: Any = valkey.xrange(log)
    valkey.delete(log)
    for entry_id, fields in stored:
        fields[b"event"] = fields[b"event"].replace(b'"k_theirs"', b'"k_others"')
        valkey.xadd(log, fields, id=entry_id)
    with pytest.raises(NoProof, match=r"\(log, line 4 of the bundle: version 1 was changed .* its seal does not fit\)"):
        proof_bundle(services, lifter, asked)


def test_no_proof_is_given_by_rules_that_were_changed(
    services: Services, lifter: LifterRef, asked: str, valkey: redis.Redis
) -> None:
    digest = PrescriptionId.decode(asked).digest
    files = dict(services.archive.get(digest) or {})
    files["programmes/upper-back.yaml"] += b"# nothing\n"
    valkey.set(key_names.rule_set(digest), msgspec.msgpack.encode(files))
    with pytest.raises(NoProof, match=rf"\(rule sets, line \d of the bundle: the rule set {digest} was changed"):
        proof_bundle(services, lifter, asked)


def test_from_the_command_line_and_back_without_anything(
    environment: dict[str, str], lifter: LifterRef, asked: str, tmp_path: Path
) -> None:
    file = tmp_path / "why.ndjson"
    written = spotter(environment, "proof", asked, "--lifter", lifter.lifter, "--gym", lifter.gym, "--bundle", file)
    assert written.output == (
        f"Wrote {file} ({file.stat().st_size:,} bytes); check it with `spotter check-proof {file}`.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["why.ndjson"]
    again = spotter(environment, "proof", asked, "--lifter", lifter.lifter, "--gym", lifter.gym, "--bundle", file)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    command = [str(Path(sys.executable).parent / "spotter"), "check-proof", str(file)]
    done = subprocess.run(command, env={}, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == f"Prescription {asked}"
    assert [line.split(":")[0].split("   ")[-1].strip() for line in told[2:7]] == [
        "log",
        "hash chain",
        "rule sets",
        "derivation",
        "made again",
    ]
    assert told[-1].startswith("The proof holds")


def test_what_does_not_hold_is_told_and_is_status_1(
    tmp_path: Path, services: Services, lifter: LifterRef, asked: str
) -> None:
    lines = proof_bundle(services, lifter, asked)
    file = tmp_path / "forged.ndjson"
    file.write_bytes(b"".join(line.replace(b'"reps":3', b'"reps":8') for line in lines))
    told = spotter({}, "check-proof", file)
    assert told.exit_code == 1
    assert "DOES NOT HOLD   log: line 9 version 6 was changed since it was logged (event 'e6')" in told.output
    assert "made again: not tried" in told.output
    assert told.output.endswith("The proof does not hold: 1 finding(s).\n")


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\n", b"[" * 1000, json.dumps({"line": "end"}).encode()])
def test_what_cannot_be_read_is_told_and_is_status_2(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "why.ndjson"
    file.write_bytes(content)
    told = spotter({}, "check-proof", file)
    assert told.exit_code == 2
    assert told.output.startswith(f"{file} cannot be read as a proof bundle: line 1 ")
    assert "Traceback" not in told.output
    assert spotter({}, "check-proof", tmp_path).exit_code == 2
    assert spotter({}, "check-proof", tmp_path / "none").exit_code == 2


def test_a_terminal_obeys_nothing_that_a_bundle_says(
    tmp_path: Path, services: Services, lifter: LifterRef, asked: str
) -> None:
    lines = proof_bundle(services, lifter, asked)
    file = tmp_path / "why.ndjson"
    file.write_bytes(b"".join(line.replace(b'"programme":"upper-back"', b'"programme":"\\u001b[2J"') for line in lines))
    told = spotter({}, "check-proof", file)
    assert told.exit_code == 1
    assert told.output.replace("\n", "").isprintable()


def test_of_nobody_and_of_whoever_is_gone_there_is_none(
    environment: dict[str, str], services: Services, lifter: LifterRef, asked: str, tmp_path: Path
) -> None:
    file = tmp_path / "why.ndjson"

    def refusal(prescription_id: str, who: str) -> str:
        told = spotter(environment, "proof", prescription_id, "--lifter", who, "--gym", lifter.gym, "--bundle", file)
        assert told.exit_code == 1
        return told.output

    assert "no prescription has this id" in refusal("abc", lifter.lifter)
    assert "nobody has written about a lifter 'nobody'" in refusal(asked, "nobody")
    erase(services, lifter, by="k_theirs")
    assert "was erased" in refusal(asked, lifter.lifter)
    assert not file.exists()
