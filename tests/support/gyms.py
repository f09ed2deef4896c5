"""A gym's whole use of the API as a script that can be run for any gym, and everything that it was answered.

Two gyms that run it use the same lifter ids, event ids and times, and differ in what they log: `Gym.mark` is in every
text of theirs, and `Gym.load` is a load that nobody else lifts.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.support.running import PATIENCE_SECONDS

_SHOWN = frozenset({"content-type", "link", "allow", "idempotent-replayed"})
"""The headers of which a script's answers are made; the others tell of moments, of the key's quota, or of the gym."""

_EVERYBODY = "/v1/lifters"
_BULK_AT = "2026-11-20T17:05:00Z"

_PROGRAMME = """
programme: mine
title: {title}
sources: [{{title: our own, gives: all}}]
days:
  - day: a
    slots:
      - {{slot: pull, exercise: deadlift, progression: {{double-progression: {{reps: [3, 5]}}}}}}
"""

_OF_THIS_RUN = re.compile(
    r"\b(?:(?:[kt]|ro)_[0-9a-f]{16}|sk_[\w-]{43}|lt_[\w.-]+)"
    r'|"(?:request_id|seal|file_rewrite|(?:recorded|erased|created|expires|revoked|last_used|published|archived|ended)_at)":"[^"]*"'
    r'|"origins":\[\[[^}]*\]\]'
    r'|(?<="event":\[")(?P<id>[^"]*",\d+,\d+),\d+'
)
"""What differs from run to run whoever else is there: ids of keys, secrets, the moments at which it was done, and the
names of gyms in the origins of imported logs."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def comparable(self) -> tuple[int, dict[str, str], str]:
        """What is the same whenever the same script is run on an empty gym."""
        shown = {name: value for name, value in self.headers.items() if name in _SHOWN}
        return self.status, shown, _OF_THIS_RUN.sub(r"\g<id>", self.body.decode())


@dataclass
class Gym:
    """A gym, a key of it with every scope, and all that it was ever answered, by the request."""

    name: str
    key: str
    port: int
    load: float
    answers: list[tuple[str, Reply]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """A text that no other gym writes."""
        return f"only-{self.load}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request on a connection of its own, so that any process may answer, and remember the answer."""
        media = "application/json" if body is None or not isinstance(body, bytes) else "application/x-ndjson"
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        all_headers = {"Authorization": f"Bearer {self.key}", "Content-Type": media}
        all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, data, all_headers)
            response = connection.getresponse()
            lower = {name.lower(): value for name, value in response.headers.items()}
            reply = Reply(response.status, lower, response.read())
        finally:
            connection.close()
        self.answers.append((f"{method} {path}", reply))
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        """GET."""
        return self.send("GET", path, **headers)

    def log(self, lifter: str, event_id: str, minute: int, kind: str = "set_logged", **data: Any) -> Reply:
        """Append an event of a minute of the one day that the script knows."""
        at = f"2026-11-20T{17 + minute // 60:02d}:{minute % 60:02d}:00Z"
        event = {"event_id": event_id, "type": kind, "occurred_at": at, "data": data}
        return self.send("POST", f"/v1/lifters/{lifter}/events", event)

    def train(self, lifter: str) -> None:
        """Log a lifter's session with this gym's load, a late set, a correction and a void."""
        load = {"value": self.load, "unit": "lb"}
        self.log(lifter, "p", 0, "programme_assigned", programme="upper-back")
        self.log(lifter, "b", 0, "baseline_set", exercise="deadlift", load=load)
        for number in range(1, 4):
            self.log(lifter, f"s{number}", number, exercise="deadlift", load=load, reps=6, rir=1, note=self.mark)
        self.log(lifter, "s1", 1, exercise="deadlift", load=load, reps=6, rir=1, note=self.mark)
        self.log(lifter, "s1", 1, exercise="deadlift", load=load, reps=5, rir=1, note=self.mark)
        self.log(lifter, "late", 2, exercise="deadlift", load=load, reps=4, note=self.mark)
        self.log(lifter, "c", 9, "set_corrected", corrects="s2", reps=4)
        self.log(lifter, "v", 9, "set_voided", voids="s3", reason=self.mark)
        self.log(lifter, "k", 10, "session_skipped", slots=["a/hinge"], reason=self.mark)
        self.log(lifter, "o", 10, "overridden", slot="a/row", load=load, reason=self.mark)
        self.log(lifter, "d", 10, "baseline_corrected", corrects="b", load=load)
        self.log(lifter, "n", 10, "lifter_noted", note=self.mark, flag="pain")
        self.log(lifter, "e", 11, "session_completed")

    def read(self, lifter: str) -> None:
        """Ask everything that can be asked about a lifter."""
        for path in self.paths(lifter):
            answer = self.get(path)
            if "etag" in answer.headers:
                self.get(path, If_None_Match=answer.headers["etag"])
        page: str | None = f"/v1/lifters/{lifter}/events?limit=4"
        while page is not None:
            page = self.get(page).json.get("next")

    def paths(self, lifter: str) -> Iterator[str]:
        """Where everything about a lifter is read, the derivations of what is prescribed included."""
        base, as_of = f"/v1/lifters/{lifter}", "as_of=2026-11-21T08:00:00Z"
        yield f"{base}/state?{as_of}"
        yield f"{base}/profile?{as_of}"
        yield f"{base}/statistics?{as_of}"
        yield f"{base}/prescriptions?{as_of}"
        yield f"{base}/prescriptions?ahead=1&{as_of}"
        for at in ("2026-11-20T17:02:30Z", "2026-11-21T08:00:00Z"):
            yield f"{base}/prescriptions/deadlift?as_of={at}"
        yield f"{base}/prescriptions/deadlift/history"
        yield f"{base}/events"
        yield f"{base}/events?exercise=deadlift&from=2026-11-20T17:02:00Z"
        yield f"{base}/export"
        for given in self.derivations(lifter):
            for part in ("", "/why", "/why-not?outcome=deload", f"/diff?against={given}"):
                yield f"{base}/derivations/{given}{part}"
            yield f"{base}/derivations/{given}/what-if?outcome=hold"

    def derivations(self, lifter: str) -> list[str]:
        """The ids of the last two prescriptions that this gym was given for a lifter's deadlift."""
        asked = f"GET /v1/lifters/{lifter}/prescriptions/deadlift?"
        told = " ".join(reply.body.decode() for request, reply in self.answers if request.startswith(asked))
        found = re.findall(rf'"/v1/lifters/{lifter}/derivations/([^"]+)"', told)
        return list(dict.fromkeys(found))[-2:]

    def log_many(self, lifters: Sequence[str], idempotency_key: str) -> None:
        """Append a set of each lifter in one request, and send that request again."""
        load = {"value": self.load, "unit": "lb"}
        data = {"exercise": "barbell-row", "load": load, "reps": 6, "note": self.mark}
        lines = [
            {"lifter": lifter, "event_id": "m1", "type": "set_logged", "occurred_at": _BULK_AT, "data": data}
            for lifter in lifters
        ]
        body = b"\n".join(json.dumps(line).encode() for line in lines)
        for _ in range(2):
            self.send("POST", "/v1/events", body, Idempotency_Key=idempotency_key)

    def simulate(self) -> None:
        """Ask what the gym's own rules would do."""
        files = {"mine.yaml": _PROGRAMME.format(title=self.mark)}
        load = {"value": self.load, "unit": "lb"}
        data = {"exercise": "deadlift", "load": load, "reps": 6}
        event = {"type": "set_logged", "occurred_at": _BULK_AT, "data": data}
        rules = {"programme": "mine", "files": files}
        self.send("POST", "/v1/simulations", {"rule_set": rules, "events": [event]})

    def publish(self) -> None:
        """Publish a programme of the gym's own, twice, have somebody follow it, preview a rollout, and archive it."""
        for title in (self.mark, f"{self.mark} again"):
            files = {"mine.yaml": _PROGRAMME.format(title=title)}
            made = self.send("PUT", "/v1/programmes/mine", {"files": files}).json
            self.log("flo", f"p-{made['digest'][:8]}", 0, "programme_assigned", programme="mine")
            self.get(f"/v1/rule-sets/{made['digest']}")
        for path in ("programmes", "programmes/mine", "lifters/flo/prescriptions?as_of=2026-11-21T08:00:00Z"):
            self.get(f"/v1/{path}")
        self.send("POST", "/v1/rules/checks", {"files": files})
        self.send("POST", "/v1/rollouts", {"programme": "mine", "preview": True, "lifters": ["flo"]})
        self.send("DELETE", "/v1/programmes/mine")

    def changes(self) -> list[dict[str, Any]]:
        """The feed from its beginning to its end."""
        found: list[dict[str, Any]] = []
        path = "/v1/changes?limit=50"
        while page := (answer := self.get(path).json)["changes"]:
            found += page
            path = answer["next"]
        return found

    @contextmanager
    def listening(self) -> Iterator[Iterator[dict[str, Any]]]:
        """The changes that come while this is open, as Server-Sent Events; the next one is waited for."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "text/event-stream"}
        try:
            connection.request("GET", "/v1/changes?after=now", headers=headers)
            response = connection.getresponse()
            assert response.readline() == b"retry: 1000\n"
            data = (line for line in iter(response.readline, b"") if line.startswith(b"data: "))
            yield (json.loads(line.removeprefix(b"data: ")) for line in data)
        finally:
            connection.close()

    def use_a_token(self, lifter: str) -> None:
        """Make a token, ask and be refused with it, and revoke it."""
        made = self.send("POST", f"/v1/lifters/{lifter}/tokens", {"scopes": ["read"]}).json
        for path in (f"/v1/lifters/{lifter}/profile", "/v1/lifters/cat/profile", _EVERYBODY):
            self.get(path, Authorization=f"Bearer {made['secret']}")
        self.send("DELETE", f"/v1/lifters/{lifter}/tokens/{made['token_id']}")
        self.get(f"/v1/lifters/{lifter}/profile", Authorization=f"Bearer {made['secret']}")
        self.send("DELETE", f"/v1/lifters/{lifter}/tokens")

    def keep_keys(self) -> None:
        """Make a key, rotate it and revoke it."""
        made = self.send("POST", "/v1/keys", {"scopes": ["read"], "name": self.mark}).json["key"]["key_id"]
        rotated = self.send("POST", f"/v1/keys/{made}/rotation", {"grace_s": 60}).json["key"]["key_id"]
        self.send("POST", f"/v1/keys/{rotated}/revocation")
        self.get(f"/v1/keys/{rotated}")
        self.get("/v1/keys")


def whole_suite(gym: Gym, imported: bytes) -> list[tuple[str, tuple[int, dict[str, str], str]]]:
    """Run everything for a gym that is empty; what was asked and answered, as far as it must be the same each time."""
    begun = len(gym.answers)
    for lifter in ("ann", "ben"):
        gym.train(lifter)
    gym.read("ann")
    gym.send("POST", "/v1/lifters/dan/import", imported)
    gym.send("POST", "/v1/lifters/dan/import", imported)
    gym.get("/v1/lifters/dan/state?as_of=2026-11-21T08:00:00Z")
    gym.log_many(("ann", "cat"), "batch-1")
    gym.simulate()
    gym.publish()
    gym.keep_keys()
    gym.use_a_token("ann")
    gym.get(_EVERYBODY)
    gym.send("DELETE", "/v1/lifters/ben")
    gym.read("ann")
    gym.get("/v1/lifters/ben/state")
    gym.log("ben", "s1", 1, exercise="deadlift", load={"value": 5, "unit": "lb"}, reps=5)
    return [
        (_OF_THIS_RUN.sub("", request), reply.comparable)
        for request, reply in gym.answers[begun:]
        # Keys are listed by their ids, that is by chance, lifters in an order that the gym's name has a part in.
        if request not in ("GET /v1/keys", f"GET {_EVERYBODY}")
    ]
