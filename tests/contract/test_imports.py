"""Another app's log over HTTP: previewed, confirmed, seen, taken back; and what names in it mean."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.http.resources.imports import LARGEST_FILE
from service.usecases.log.append import BATCH
from service.usecases.log.import_tracker import Said, append_prepared, prepare_import
from service.usecases.log.take_back_import import take_back_import
from tests.support.contract import Answer, ContractClient

STRONG = (Path(__file__).parents[1] / "data" / "strong_comma.csv").read_bytes()
SAID = {"unit": "kg", "time_zone": "Europe/Vienna"}
ANN = "/v1/lifters/ann/imports"


def sent(
    api: ContractClient, asked: Mapping[str, str] = SAID, content: bytes = STRONG, media: str = "text/csv"
) -> Answer:
    path = f"{ANN}?{urlencode(asked, quote_via=quote)}" if asked else ANN
    return api.send("POST", path, data=content, headers={"Content-Type": media})


def file(content: bytes = STRONG) -> FileStorage:
    return FileStorage(io.BytesIO(content), "strong.csv")


def form(api: ContractClient, parts: Mapping[str, Any], query: str = "") -> Answer:
    boundary, body = encode_multipart(parts)
    media = f"multipart/form-data; boundary={boundary}"
    return api.send("POST", f"{ANN}{query}", data=body, headers={"Content-Type": media})


def imported(api: ContractClient) -> Answer:
    return sent(api, {**SAID, "confirm": sent(api).json["import_id"]})


def test_a_preview_says_all_and_writes_nothing(api: ContractClient) -> None:
    preview = sent(api)
    said = preview.json
    assert preview.status == 200
    assert (said["status"], said["app"], said["rows"], said["sets"], said["events"]) == (
        "previewed",
        "strong",
        11,
        9,
        11,
    )
    assert said["skipped"] == [
        {"reason": "neither reps nor seconds: nothing was done", "rows": 1, "lines": [12]},
        {"reason": "only a distance, which Spotter does not keep", "rows": 1, "lines": [11]},
    ]
    assert (said["units"], said["units_from"], said["time_zone_from"]) == (["kg"], "request", "request")
    assert {"name": "Rudern am Gerät", "exercise": "rudern-am-geraet", "from": "own"} in said["exercises"]
    assert (said["appended"], said["already_appended"]) == (0, 0)
    assert api.get(f"{ANN}/{said['import_id']}").status == 404
    assert api.get("/v1/lifters/ann/state").status == 404


def test_what_is_confirmed_is_imported_once_for_ever(api: ContractClient) -> None:
    first, again = imported(api), imported(api)
    assert (first.status, first.json["status"], first.json["appended"]) == (201, "imported", 11)
    assert (again.json["appended"], again.json["already_appended"]) == (0, 11)
    seen = api.get(f"{ANN}/{first.json['import_id']}").json
    assert (seen["app"], seen["appended"], seen["taken_back"]) == ("strong", 11, 0)
    # The lifter's profile has the zone by now, and answers for it.
    assert sent(api, {"unit": "kg"}).json["time_zone_from"] == "lifter"


def test_an_import_says_how_far_it_is_until_it_is_through(api: ContractClient, services: Services, gym: str) -> None:
    ann = LifterRef(gym, "ann")
    content = b"Date,Exercise Name,Weight (kg),Reps\n" + b"".join(
        b"2024-03-%02d 10:%02d:00,Squat (Barbell),100,5\n" % (1 + number // 60, number % 60)
        for number in range(BATCH + 1)
    )
    prepared = prepare_import(services, ann, content, Said(time_zone="UTC"))
    address, seen = f"{ANN}/{prepared.import_id}", []
    append_prepared(services, ann, prepared, lambda *_: seen.append(api.get(address).json))
    far = [(each["under_way"]["done"], each["under_way"]["events"]) for each in seen]
    assert far == [(0, BATCH + 2), (BATCH, BATCH + 2), (BATCH + 2, BATCH + 2)]
    assert (seen[0]["appended"], seen[-1]["appended"]) == (0, BATCH + 2)
    assert "under_way" not in api.get(address).json


def test_what_the_file_says_itself_names_the_import_whatever_the_profile_says_since(api: ContractClient) -> None:
    header = "title,start_time,exercise_title,set_type,weight_kg,reps\n"
    hevy = header.encode() + b'A,"15 Sep 2025, 07:48",Squat (Barbell),normal,100,5\n'
    asked = {"time_zone": "Europe/Berlin"}
    asked["confirm"] = sent(api, asked, hevy).json["import_id"]
    profile = {
        "event_id": "p",
        "type": "profile_changed",
        "occurred_at": "2025-01-01T00:00:00Z",
        "data": {"unit": "lb"},
    }
    for appended in (2, 0):
        assert sent(api, asked, hevy).json["appended"] == appended
        api.post("/v1/lifters/ann/events", {**profile, "data": {"unit": "lb"}})


def test_an_import_is_taken_back_whole_and_done_again_right(api: ContractClient) -> None:
    import_id = imported(api).json["import_id"]
    for _ in range(2):
        assert api.send("DELETE", f"{ANN}/{import_id}").json["taken_back"] == 11
    right = {"unit": "lb", "time_zone": "Europe/Vienna"}
    preview = sent(api, right).json
    assert (preview["events"], preview["already_appended"]) == (11, 0)
    assert sent(api, {**right, "confirm": preview["import_id"]}).json["appended"] == 11


def test_the_imports_of_a_log_are_listed_whatever_became_of_them(api: ContractClient) -> None:
    assert api.get(ANN).status == 404
    first = imported(api).json["import_id"]
    api.send("DELETE", f"{ANN}/{first}")
    second = sent(api, {**SAID, "unit": "lb", "confirm": sent(api, {**SAID, "unit": "lb"}).json["import_id"]})
    listed = api.get(ANN).json["imports"]
    assert [(each["import_id"], each["taken_back"]) for each in listed] == [(second.json["import_id"], 0), (first, 11)]
    assert listed == [api.get(f"{ANN}/{each['import_id']}").json for each in listed]


def test_how_far_the_taking_back_is_can_be_asked_meanwhile(api: ContractClient, services: Services, gym: str) -> None:
    ann = LifterRef(gym, "ann")
    import_id = imported(api).json["import_id"]
    told: list[Any] = []
    take_back_import(services, ann, import_id, lambda *_: told.append(api.get(f"{ANN}/{import_id}").json["under_way"]))
    assert told == [{"done": 0, "events": 11}, {"done": 11, "events": 11}]
    assert "under_way" not in api.get(f"{ANN}/{import_id}").json


@pytest.mark.parametrize(
    ("content", "asked", "pointer"),
    [
        (STRONG, {"unit": "kg"}, "/time_zone"),
        (STRONG, {"time_zone": "UTC"}, "/unit"),
        (STRONG, {**SAID, "confirm": "0" * 12}, "/confirm"),
        (STRONG, {**SAID, "confirm": "no"}, "/confirm"),
        (STRONG, {**SAID, "time_zone": "Mars"}, "/time_zone"),
        (STRONG, {**SAID, "app": "hevy"}, ""),
        (STRONG, {**SAID, "app": "notes"}, "/app"),
        (STRONG, {**SAID, "columns": "date"}, "/columns"),
        (STRONG.replace(b"2024-03-04", b"04/03/2024").replace(b"2024-03-08", b"08/03/2024"), SAID, "/date_order"),
        (b"Tag;Was;Wie oft\n1;2;3\n", SAID, "/columns"),
        (b"", SAID, ""),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x81", SAID, ""),
        (b"PK\x03\x04" + bytes(60), SAID, ""),
        (b"SQLite format 3\x00" + bytes(40), SAID, ""),
        (b'{"workouts": [', SAID, ""),
        (b"[" * 100_000, SAID, ""),
    ],
)
def test_what_is_not_said_or_cannot_be_read_is_told_and_nothing_written(
    api: ContractClient, content: bytes, asked: dict[str, str], pointer: str
) -> None:
    refused = sent(api, asked, content)
    assert refused.status == 422, refused.text
    problem = refused.json
    assert [each["pointer"] for each in problem.get("errors", [])] == [pointer]
    assert api.get("/v1/lifters/ann/state").status == 404


def test_a_database_of_a_stranger_runs_nothing(api: ContractClient, tmp_path: Path) -> None:
    """What would be asked is a view without end."""
    file = tmp_path / "a.fitnotes"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE exercise (_id, name)")
        database.execute(
            "CREATE VIEW training_log AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
            "SELECT x AS _id, 1 AS exercise_id, 1 AS metric_weight, 1 AS reps, '' AS date, 0 AS distance, "
            "0 AS duration_seconds FROM n"
        )
    refused = sent(api, SAID, file.read_bytes(), "application/octet-stream")
    assert (refused.status, refused.json["type"]) == (422, "/problems/invalid-input")


def test_bodies_are_bounded(api: ContractClient) -> None:
    assert sent(api, SAID, bytes(LARGEST_FILE + 1)).status == 413
    bomb = gzip.compress(b"a," * LARGEST_FILE)
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    assert api.send("POST", ANN, data=bomb, headers=headers).status == 413
    assert sent(api, media="image/png").status == 415
    packed = api.send("POST", f"{ANN}?unit=kg&time_zone=UTC", data=gzip.compress(STRONG), headers=headers)
    assert packed.json["events"] == 11


def test_a_form_is_taken_like_a_body_with_parameters(api: ContractClient) -> None:
    preview = form(api, {"file": file(), **SAID, "confirm": ""})
    assert (preview.status, preview.json) == (200, sent(api).json)
    confirmed = {**SAID, "confirm": preview.json["import_id"]}
    assert form(api, {"file": file(), **confirmed}).json["appended"] == 11


def test_forms_are_bounded_and_say_what_is_wrong(api: ContractClient) -> None:
    def pointers(answer: Answer) -> tuple[int, list[str]]:
        return answer.status, [each["pointer"] for each in answer.json.get("errors", [])]

    assert pointers(form(api, {"log": file()})) == (422, ["/file"])
    assert pointers(form(api, {"file": [file(), file()]})) == (422, ["/file"])
    assert pointers(form(api, {"file": file(), "units": "kg"})) == (422, ["/units"])
    assert pointers(form(api, {"file": file()}, "?unit=kg")) == (422, ["/time_zone"])
    assert pointers(form(api, {"file": file(), "unit": "kg"}, "?unit=kg")) == (422, ["/unit"])
    assert pointers(sent(api, media="multipart/form-data")) == (422, [""])
    assert form(api, {"file": file(bytes(LARGEST_FILE + 1)), **SAID}).status == 413
    assert form(api, {"file": file(), "columns": "x" * 100_000}).status == 413
    assert form(api, {"file": file(), **{f"f{number}": "x" for number in range(30)}}).status == 413


def test_a_gym_sees_and_takes_back_its_own_only(api: ContractClient, app: Flask, services: Services, gym: str) -> None:
    import_id = imported(api).json["import_id"]
    services.keys.add(f"{gym}-2", f"key-of-{gym}-2", created_at=0)
    other = ContractClient(app, f"key-of-{gym}-2")
    assert [other.send(method, f"{ANN}/{import_id}").status for method in ("GET", "DELETE")] == [404, 404]
    assert api.get(f"{ANN}/{import_id}").json["taken_back"] == 0


def test_scopes(app: Flask, services: Services, gym: str) -> None:
    services.keys.add(gym, f"reads-{gym}", created_at=0, scopes=("read",))
    reader = ContractClient(app, f"reads-{gym}")
    assert sent(reader).status == 403
    assert reader.send("DELETE", f"{ANN}/{'0' * 12}").status == 403
    assert reader.get(f"{ANN}/{'0' * 12}").status == 404
    assert reader.get("/v1/exercise-names").status == 200


def test_an_erased_lifter_is_gone(api: ContractClient) -> None:
    import_id = imported(api).json["import_id"]
    api.send("DELETE", "/v1/lifters/ann")
    assert [api.send(method, f"{ANN}/{import_id}").status for method in ("GET", "DELETE")] == [410, 410]
    assert sent(api).status == 410


def test_a_name_holds_for_the_gym_and_corrects_what_was_imported(api: ContractClient) -> None:
    imported(api)

    def put(name: str, exercise: str) -> Answer:
        body = json.dumps({"name": name, "exercise": exercise})
        return api.send("PUT", "/v1/exercise-names", data=body, headers={"Content-Type": "application/json"})

    said = put("rudern am gerät", "cable-row").json
    assert (said["exercise"], said["corrected"], said["not_corrected"]) == ("cable-row", 2, [])
    assert put("rudern am gerät", "cable-row").json["corrected"] == 0
    (name,) = api.get("/v1/exercise-names").json["names"]
    assert (name["name"], name["exercise"]) == ("rudern am gerät", "cable-row")
    assert {"name": "Rudern am Gerät", "exercise": "cable-row", "from": "mapped"} in sent(api).json["exercises"]
    assert put("", "squat").status == put("x", "No Id").status == 422
