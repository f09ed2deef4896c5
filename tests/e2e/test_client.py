"""The client that is generated from the contract, as a vendor's software would use it, against a running Spotter."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from spotter_client import AuthenticatedClient
from spotter_client.api.lifters import (
    append_event,
    append_events,
    get_derivation,
    get_prescription,
    get_reasons,
    list_events,
)
from spotter_client.models import (
    Derivation,
    EventPage,
    Load,
    Prescription,
    Problem,
    Reasons,
    Receipt,
    ReceiptOutcome,
    SetCorrected,
    SetCorrectedSubmission,
    SetLogged,
    SetLoggedSubmission,
    Unit,
)
from spotter_client.problems import NotFound, ProblemError
from spotter_client.types import File

from clients import example
from clients.example import Refused, log_set, next_sets
from tests.support.running import RunningSpotter

_KEY = "key-of-the-client"
_AT = datetime(2026, 11, 20, 18, tzinfo=UTC)


class _Lossy(httpx.HTTPTransport):
    """A network that takes the first ``losses`` requests to the server and loses the replies."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it in any case."""
        response = super().handle_request(request)
        if self.losses:
            self.losses -= 1
            response.read()
            raise httpx.ReadError("the reply is lost")
        return response


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=_KEY) as spotter:
        yield spotter.url


@pytest.fixture
def client(url: str) -> Iterator[AuthenticatedClient]:
    with AuthenticatedClient(base_url=url, token=_KEY) as made:
        yield made


def _set(event_id: str, reps: int, minute: int = 0) -> SetLoggedSubmission:
    data = SetLogged(exercise="deadlift", load=Load(225, Unit.LB), reps=reps, rir=1)
    return SetLoggedSubmission(event_id, "set_logged", _AT + timedelta(minutes=minute), data)


def test_from_a_set_to_the_proof_of_what_comes_next(client: AuthenticatedClient) -> None:
    receipt = log_set(client, "ann", _set("a1", reps=6))
    assert (receipt.version, receipt.outcome) == (1, ReceiptOutcome.APPENDED)
    prescription = next_sets(client, "ann", "deadlift")
    assert prescription.version == receipt.version
    derivation = get_derivation.sync("ann", prescription.prescription_id, client=client)
    assert isinstance(derivation, Derivation)
    assert derivation.log_head == prescription.log_head
    reasons = get_reasons.sync("ann", prescription.prescription_id, client=client)
    assert isinstance(reasons, Reasons)
    assert len(reasons.why) > 1


def test_a_correction_says_what_it_changed(client: AuthenticatedClient) -> None:
    log_set(client, "bob", _set("a1", reps=6))
    correction = SetCorrectedSubmission("a2", "set_corrected", _AT, SetCorrected(corrects="a1", reps=2))
    receipt = append_event.sync("bob", client=client, body=correction)
    assert isinstance(receipt, Receipt)
    assert isinstance(receipt.changes, list)
    (change,) = receipt.changes
    assert isinstance(change.before, Prescription)
    assert isinstance(change.after, Prescription)
    assert (change.before.sets, change.before.version) != (change.after.sets, change.after.version)


def test_a_set_whose_replies_are_lost_is_logged_once(url: str) -> None:
    network = _Lossy(losses=2)
    with AuthenticatedClient(base_url=url, token=_KEY, httpx_args={"transport": network}) as client:
        receipt = log_set(client, "cy", _set("a1", reps=5))
        log = list_events.sync("cy", client=client)
    assert network.losses == 0
    assert (receipt.version, receipt.outcome) == (1, ReceiptOutcome.ALREADY_APPENDED)
    assert isinstance(log, EventPage)
    assert len(log.events) == 1


def test_what_is_refused_is_a_problem_with_its_place(client: AuthenticatedClient) -> None:
    with pytest.raises(Refused, match="not valid") as refused:
        log_set(client, "dan", _set("a1", reps=-1))
    assert isinstance(refused.value.problem.errors, list)
    assert refused.value.problem.errors[0].pointer == "/data/reps"
    with pytest.raises(NotFound, match="nobody has written") as unknown:
        get_prescription.sync("nobody", "deadlift", client=client)
    assert isinstance(unknown.value, ProblemError)
    assert isinstance(unknown.value.problem, Problem)
    assert (unknown.value.problem.status, unknown.value.response.status_code) == (404, 404)


def test_lines_in_bulk(client: AuthenticatedClient) -> None:
    lines = [{"lifter": f"eve-{number % 3}", **_set(f"e{number}", 5, number).to_dict()} for number in range(30)]
    body = File(BytesIO("\n".join(map(json.dumps, lines)).encode()))
    for outcome in ("appended", "already_appended"):
        answer = append_events.sync(client=client, body=body)
        assert isinstance(answer, File)
        answers = [json.loads(line) for line in answer.payload.read().splitlines()]
        assert [line["outcome"] for line in answers] == [outcome] * 30
        body.payload.seek(0)


def test_who_has_the_answer_gets_no_other(client: AuthenticatedClient) -> None:
    log_set(client, "flo", _set("a1", reps=6))
    tag = get_prescription.sync_detailed("flo", "deadlift", client=client).headers["etag"]
    assert get_prescription.sync_detailed("flo", "deadlift", client=client, if_none_match=tag).status_code == 304


def test_the_example_runs(url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_API_KEY", _KEY)
    example.main(url, "gus")
    assert capsys.readouterr().out.startswith("version 1, appended\n2. work: ")
