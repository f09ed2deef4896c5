"""A gym's own programmes: published, assigned and archived by that gym, and not there for any other."""

import json
from typing import Any

import pytest
from flask import Flask

from service.bootstrap import Services
from service.domain import gym_programmes
from service.usecases.rules import gym_programmes as own_programmes
from tests.support.contract import Answer, ContractClient

_NDJSON = {"Content-Type": "application/x-ndjson"}


def text_of(title: str = "One lift", programme: str = "ours", exercise: str = "deadlift") -> str:
    """A programme file."""
    return f"""programme: {programme}
title: {title}
sources: [{{title: our own, gives: all}}]
days:
  - day: a
    slots:
      - {{slot: pull, exercise: {exercise}, progression: {{double-progression: {{reps: [3, 5]}}}}}}
"""


def put(api: ContractClient, text: str, programme: str = "ours", **files: str) -> Answer:
    """Publish a programme."""
    body = json.dumps({"files": {f"{programme}.yaml": text, **files}})
    headers = {"Content-Type": "application/json"}
    return api.send("PUT", f"/v1/programmes/{programme}", data=body, headers=headers)


def assign(api: ContractClient, lifter: str = "ann", event_id: str = "p", **data: str) -> Answer:
    """Assign a programme."""
    event = {"event_id": event_id, "type": "programme_assigned", "occurred_at": "2026-11-20T17:00:00Z", "data": data}
    return api.post(f"/v1/lifters/{lifter}/events", event)


def listed(api: ContractClient) -> dict[str, str]:
    """The programmes that a gym sees, with whose they are."""
    return {each["programme"]: each["owner"] for each in api.get("/v1/programmes").json["programmes"]}


@pytest.fixture
def other(app: Flask, services: Services, gym: str) -> ContractClient:
    """A client of another gym."""
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    return ContractClient(app, f"key-of-{gym}-2")


class TestPublishing:
    def test_makes_a_programme_that_is_listed_and_assigned(self, api: ContractClient) -> None:
        made = put(api, text_of())
        digest = made.json["digest"]
        assert (made.status, made.headers["Location"], made.json["owner"]) == (201, "/v1/programmes/ours", "gym")
        assert [each["digest"] for each in made.json["versions"]] == [digest]
        assert listed(api)["ours"] == "gym"
        assert listed(api)["upper-back"] == "library"
        assert api.get("/v1/programmes/ours").json == made.json
        assert "programmes/ours.yaml" in api.get(f"/v1/rule-sets/{digest}").json["files"]
        assert assign(api, programme="ours").status == 201
        (session,) = api.get("/v1/lifters/ann/prescriptions").json["prescriptions"]
        assert session["rule_set"] == {"programme": "ours", "digest": digest}
        assert api.get(session["derivation"]).status == 200

    def test_again_changes_nothing(self, api: ContractClient) -> None:
        first, second = (put(api, text_of()) for _ in range(2))
        assert (second.status, second.json) == (200, first.json)

    def test_keeps_every_version_and_lifters_with_theirs(self, api: ContractClient) -> None:
        first = put(api, text_of()).json["digest"]
        assign(api, programme="ours")
        etag = api.get("/v1/programmes").headers["ETag"]
        second = put(api, text_of("Two lifts")).json
        assert [each["digest"] for each in second["versions"]] == [second["digest"], first]
        assert api.get("/v1/programmes", If_None_Match=etag).status == 200
        (session,) = api.get("/v1/lifters/ann/prescriptions").json["prescriptions"]
        assert session["rule_set"]["digest"] == first
        assign(api, "ben", programme="ours")
        (session,) = api.get("/v1/lifters/ben/prescriptions").json["prescriptions"]
        assert session["rule_set"]["digest"] == second["digest"]
        assert assign(api, "cat", programme="ours", digest=first).status == 201

    def test_brings_exercises_and_schemes_of_its_own(self, api: ContractClient, services: Services) -> None:
        scheme = services.rule_sets.library().files["progression/double-progression.yaml"].decode()
        exercise = "exercise: log-press\ntitle: Log press\nequipment: barbell\nload: total\n"
        exercise += "sources: [{title: our own, gives: all}]\nmuscles: {target: [lateral-deltoids]}\n"
        files = {
            "log-press.yaml": exercise,
            "progression/steady.yaml": scheme.replace("scheme: double-progression", "scheme: steady"),
            "unused.yaml": text_of(programme="unused"),
        }
        text = text_of(exercise="log-press").replace("double-progression", "steady")
        made = put(api, text, **files)
        assert made.status == 201, made.text
        held = api.get(f"/v1/rule-sets/{made.json['digest']}").json["files"]
        assert held.keys() == {"programmes/ours.yaml", "progression/steady.yaml", "exercises/log-press.yaml"}
        assign(api, programme="ours")
        load = {"value": 60, "unit": "kg"}
        event = {"event_id": "s", "type": "set_logged", "occurred_at": "2026-11-20T17:05:00Z"}
        logged = api.post(
            "/v1/lifters/ann/events", {**event, "data": {"exercise": "log-press", "load": load, "reps": 5}}
        )
        assert (logged.status, logged.json.get("warnings", [])) == (201, [])
        prescribed = api.get("/v1/lifters/ann/prescriptions/log-press").json
        assert (prescribed["slot"], prescribed["rule_set"]["programme"]) == ("a/pull", "ours")

    @pytest.mark.parametrize("programme", ["upper-back", "default", "gzclp"])
    def test_takes_no_id_of_the_library(self, api: ContractClient, programme: str) -> None:
        refused = put(api, text_of(programme=programme), programme)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/programme")
        assert "of the library" in refused.json["errors"][0]["message"]
        assert listed(api)[programme] == "library"

    @pytest.mark.parametrize(
        ("files", "pointer", "says"),
        [
            (
                {"ours.yaml": text_of().replace("deadlift", "dedlift")},
                "/files/ours.yaml",
                "ours.yaml:7:32: there is no",
            ),
            ({"ours.yaml": "programme: ours\na: &a [1]\nb: *a\n"}, "/files/ours.yaml", "no anchors"),
            ({"theirs.yaml": text_of(programme="theirs")}, "/files", "must hold the programme itself"),
            ({}, "/files", "at least 1"),
        ],
    )
    def test_says_what_is_wrong(self, api: ContractClient, files: Any, pointer: str, says: str) -> None:
        headers = {"Content-Type": "application/json"}
        refused = api.send("PUT", "/v1/programmes/ours", data=json.dumps({"files": files}), headers=headers)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, pointer)
        assert says in refused.json["errors"][0]["message"]
        assert api.get("/v1/programmes/ours").status == 404

    @pytest.mark.parametrize(("limit", "value"), [("MOST_PROGRAMMES", 1), ("MOST_BYTES", 3000)])
    def test_is_bounded(self, api: ContractClient, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
        assert value < getattr(gym_programmes, limit)
        assert put(api, text_of()).status == 201
        monkeypatch.setattr(own_programmes, limit, value)
        refused = put(api, text_of(programme="more"), "more")
        assert (refused.status, refused.json["type"]) == (409, "/problems/too-many-programmes")
        assert "more" not in listed(api)

    def test_needs_its_scope(self, app: Flask, services: Services, gym: str) -> None:
        services.keys.add(gym, f"writer-of-{gym}", created_at=0, scopes=("read", "write", "audit", "admin"))
        writer = ContractClient(app, f"writer-of-{gym}")
        assert put(writer, text_of()).status == 403
        assert writer.send("DELETE", "/v1/programmes/ours").status == 403


class TestArchiving:
    def test_leaves_who_follows_it_and_takes_nobody_else(self, api: ContractClient) -> None:
        made = put(api, text_of()).json
        assign(api, programme="ours")
        assert api.send("DELETE", "/v1/programmes/ours").status == 204
        assert api.send("DELETE", "/v1/programmes/ours").status == 204
        assert "ours" not in listed(api)
        assert api.get("/v1/programmes/ours").json["archived_at"] is not None
        assert api.get("/v1/lifters/ann/prescriptions").json["prescriptions"][0]["rule_set"]["programme"] == "ours"
        assert assign(api, programme="ours").status == 200  # sent again, it was taken before
        by_name, by_digest = (
            assign(api, "ben", programme="ours"),
            assign(api, "ben", programme="ours", digest=made["digest"]),
        )
        assert [each.json["errors"][0]["pointer"] for each in (by_name, by_digest)] == [
            "/data/programme",
            "/data/digest",
        ]
        assert put(api, text_of()).json["archived_at"] is None
        assert assign(api, "ben", programme="ours").status == 201

    def test_is_for_the_gyms_own(self, api: ContractClient) -> None:
        assert api.send("DELETE", "/v1/programmes/upper-back").status == 404


class TestAnotherGym:
    def test_sees_nothing_of_it(self, api: ContractClient, other: ContractClient) -> None:
        etag, before = other.get("/v1/programmes").headers["ETag"], listed(other)
        nobody = other.get(f"/v1/rule-sets/{'0' * 64}").json["detail"]
        digest = put(api, text_of()).json["digest"]
        assert listed(other) == before
        assert other.get("/v1/programmes", If_None_Match=etag).status == 304
        assert other.get("/v1/programmes/ours").status == 404
        hidden = other.get(f"/v1/rule-sets/{digest}")
        assert (hidden.status, hidden.json["detail"].replace(digest, "0" * 64)) == (404, nobody)
        assert other.send("DELETE", "/v1/programmes/ours").status == 404
        suggested = other.get("/v1/programmes/our").json
        assert suggested.get("did_you_mean") != "ours"

    def test_can_neither_assign_nor_try_it(self, api: ContractClient, other: ContractClient) -> None:
        digest = put(api, text_of()).json["digest"]
        unknown = assign(other, programme="nowhere").json["errors"]
        by_name = assign(other, programme="ours").json["errors"]
        assert [each["message"] for each in by_name] == [each["message"] for each in unknown]
        by_digest = assign(other, programme="ours", digest=digest)
        assert by_digest.json["errors"][0]["message"] == "no rule set of this digest is in the archive"
        rules = {"digest": digest}
        assert other.post("/v1/simulations", {"rule_set": rules, "events": []}).status == 422
        assert other.post("/v1/rules/diffs", {"before": rules, "after": rules}).status == 422
        assert api.post("/v1/simulations", {"rule_set": rules, "events": []}).status == 200

    def test_may_have_one_of_the_same_id(self, api: ContractClient, other: ContractClient) -> None:
        ours, theirs = put(api, text_of()).json, put(other, text_of("Theirs")).json
        assert ours["digest"] != theirs["digest"]
        assert (api.get("/v1/programmes/ours").json["title"], theirs["title"]) == ("One lift", "Theirs")
        assert other.get(f"/v1/rule-sets/{ours['digest']}").status == 404

    def test_has_the_rules_with_a_lifter_who_comes_and_cannot_have_them_without(
        self, api: ContractClient, other: ContractClient
    ) -> None:
        digest = put(api, text_of()).json["digest"]
        assign(api, programme="ours")
        exported = api.get("/v1/lifters/ann/export").data
        without = [line for line in exported.splitlines() if b'"line":"rule_set"' not in line]
        end = json.loads(without[-1]) | {"rule_sets": 0}
        forged = b"\n".join([*without[:-1], json.dumps(end).encode()])
        refused = other.send("POST", "/v1/lifters/ann/import", data=forged, headers=_NDJSON)
        assert refused.status == 422
        assert "neither in it nor here" in refused.text
        assert other.get(f"/v1/rule-sets/{digest}").status == 404
        assert other.send("POST", "/v1/lifters/ann/import", data=exported, headers=_NDJSON).status == 201
        assert other.get(f"/v1/rule-sets/{digest}").status == 200
        assert "ours" not in listed(other)
        (session,) = other.get("/v1/lifters/ann/prescriptions").json["prescriptions"]
        assert session["rule_set"]["digest"] == digest
