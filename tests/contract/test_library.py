"""The library over HTTP: searched, one by one, under entity tags, and compressed."""

import gzip
import json

import pytest

from service.bootstrap import Services
from service.engine.files.library import digest_of
from tests.support.contract import ContractClient

_KINDS = {"exercises": "exercise", "schemes": "scheme", "programmes": "programme"}


def _found(api: ContractClient, query: str, kind: str = "exercises") -> list[str]:
    return [each[_KINDS[kind]] for each in api.get(f"/v1/{kind}?{query}").json[kind]]


class TestSearch:
    @pytest.mark.parametrize(
        ("query", "first"),
        [
            ("q=ohp", "overhead-press"),
            ("q=RDL", "romanian-deadlift"),
            ("q=squats", "squat"),
            ("q=military+press+standing", "overhead-press"),
            ("q=bench", "bench-press"),
            ("q=press&muscle=pectorals&equipment=dumbbell", "dumbbell-bench-press"),
        ],
    )
    def test_what_fits_best_comes_first(self, api: ContractClient, query: str, first: str) -> None:
        assert _found(api, query)[0] == first

    def test_nothing_else_is_found(self, api: ContractClient) -> None:
        assert _found(api, "q=no-such-thing") == []
        assert _found(api, "q=%21%3F") == []
        assert "bench-press" not in _found(api, "q=ohp&limit=1000")

    def test_filters(self, api: ContractClient) -> None:
        every = api.get("/v1/exercises?limit=1000").json["exercises"]
        found = _found(api, "muscle=triceps&equipment=cable&limit=1000")
        assert found == [
            each["exercise"]
            for each in every
            if each["equipment"] == "cable" and "triceps" in each["muscles"]["target"]
        ]
        assert found

    @pytest.mark.parametrize(
        ("query", "meant"), [("muscle=tricep", "Did you mean triceps?"), ("equipment=rocket", "body-weight")]
    )
    def test_what_no_exercise_names_is_refused(self, api: ContractClient, query: str, meant: str) -> None:
        response = api.get(f"/v1/exercises?{query}")
        assert response.status == 422
        assert response.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"
        assert meant in response.json["errors"][0]["message"]

    def test_programmes_that_suit(self, api: ContractClient) -> None:
        every = api.get("/v1/programmes?limit=1000").json["programmes"]
        query = "goal=strength&level=beginner&days_a_week=3&minutes=60&equipment=barbell,dumbbell&limit=1000"
        suiting = [
            each["programme"]
            for each in every
            if "strength" in each["tags"]["goals"]
            and (each["tags"]["level"], each["tags"]["days_a_week"]) == ("beginner", 3)
            and each["tags"]["minutes"] <= 60
            and set(each["tags"]["equipment"]) <= {"barbell", "dumbbell", "body-weight"}
        ]
        assert _found(api, query, "programmes") == suiting
        assert {"stronglifts", "greyskull"} <= set(suiting)
        assert _found(api, f"{query}&q=strong", "programmes") == ["stronglifts"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("goal=strenght", "Did you mean strength?"),
            ("level=advanced", "Did you mean expert?"),
            ("days_a_week=8", "from 1 to 7"),
            ("minutes=0", "from 1 to 240"),
            ("equipment=dumbbell,dumbells", "Did you mean dumbbell?"),
            ("equipment=dumbbell,", "must be one of"),
        ],
    )
    def test_what_no_programme_can_be_is_refused(self, api: ContractClient, query: str, said: str) -> None:
        response = api.get(f"/v1/programmes?{query}")
        assert response.status == 422
        assert response.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"
        assert said in response.json["errors"][0]["message"]

    @pytest.mark.parametrize("query", ["q=", "q=" + "x" * 101, "muscle=Triceps", "equipment=", "after=MTAw", "title=x"])
    def test_parameters_that_are_refused(self, api: ContractClient, query: str) -> None:
        response = api.get(f"/v1/exercises?{query}")
        assert response.status == 422
        assert response.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"

    @pytest.mark.parametrize("kind", list(_KINDS))
    @pytest.mark.parametrize("query", ["", "q=s&"])
    def test_pages_hold_everything_once(self, api: ContractClient, kind: str, query: str) -> None:
        whole = _found(api, f"{query}limit=1000", kind)
        path, found = f"/v1/{kind}?{query}limit={len(whole) // 3}", []
        while path:
            page = api.get(path)
            found += [each[_KINDS[kind]] for each in page.json[kind]]
            assert len(found) <= len(whole)
            path = page.json["next"]
        assert found == whole

    def test_schemes_and_programmes_are_found(self, api: ContractClient) -> None:
        assert _found(api, "q=double", "schemes")[0] == "double-progression"
        assert _found(api, "q=smolov+jr", "programmes") == ["smolov-jr"]
        assert _found(api, "q=ss", "programmes")[0] == "starting-strength"


class TestOne:
    @pytest.mark.parametrize("kind", list(_KINDS))
    def test_it_is_what_the_list_has(self, api: ContractClient, kind: str) -> None:
        for each in api.get(f"/v1/{kind}?limit=5").json[kind]:
            assert api.get(f"/v1/{kind}/{each[_KINDS[kind]]}").json == each

    @pytest.mark.parametrize(
        ("path", "meant"),
        [
            ("exercises/benchpress", "bench-press"),
            ("exercises/sqaut", "squat"),
            ("schemes/linaer", "linear"),
            ("programmes/upperback", "upper-back"),
        ],
    )
    def test_what_was_meant(self, api: ContractClient, path: str, meant: str) -> None:
        response = api.get(f"/v1/{path}")
        assert response.status == 404
        assert f"Did you mean {meant}?" in response.json["detail"]

    @pytest.mark.parametrize("path", ["exercises/Squat", "schemes/a_b", "programmes/%20", "rule-sets/abc"])
    def test_ids_that_nothing_can_have(self, api: ContractClient, path: str) -> None:
        assert api.get(f"/v1/{path}").status == 422

    def test_a_rule_set_has_its_bytes(self, api: ContractClient, services: Services) -> None:
        digest = api.get("/v1/programmes/upper-back").json["digest"]
        shown = api.get(f"/v1/rule-sets/{digest}").json
        assert {path: text.encode() for path, text in shown["files"].items()} == services.archive.get(digest)
        assert (shown["digest"], shown["programme"]) == (digest, "upper-back")
        assert digest_of({path: text.encode() for path, text in shown["files"].items()}) == digest
        assert api.get(f"/v1/rule-sets/{'0' * 64}").status == 404

    def test_a_simulation_takes_its_files(self, api: ContractClient) -> None:
        digest = api.get("/v1/programmes/upper-back").json["digest"]
        files = api.get(f"/v1/rule-sets/{digest}").json["files"]
        rules = {"programme": "upper-back", "files": files}
        assert api.post("/v1/simulations", {"rule_set": rules, "events": []}).json["initial"]


_PATHS = ["exercises", "exercises?q=ohp", "exercises/squat", "schemes", "programmes", "programmes/upper-back"]


class TestTransfer:
    @pytest.mark.parametrize("path", _PATHS)
    def test_the_entity_tag_saves_the_body(self, api: ContractClient, path: str) -> None:
        first = api.get(f"/v1/{path}")
        tag = first.headers["ETag"]
        for accepted in ("identity", "gzip"):
            again = api.get(f"/v1/{path}", If_None_Match=tag, Accept_Encoding=accepted)
            assert (again.status, again.headers["ETag"]) == (304, tag)
        assert api.get(f"/v1/{path}", If_None_Match='"other"').status == 200

    def test_other_answers_have_other_tags(self, api: ContractClient) -> None:
        assert len({api.get(f"/v1/{path}").headers["ETag"] for path in _PATHS}) == len(_PATHS)

    def test_it_is_compressed_for_whoever_takes_that(self, api: ContractClient) -> None:
        plain = api.get("/v1/exercises?limit=1000")
        refused = api.get("/v1/exercises?limit=1000", Accept_Encoding="gzip;q=0")
        assert "Content-Encoding" not in plain.headers
        assert refused.data == plain.data
        packed = api._client.get(
            "/v1/exercises?limit=1000", headers={**api._headers, "Accept-Encoding": "br, gzip;q=0.5"}
        )
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 5
        assert packed.headers["ETag"] == plain.headers["ETag"]
        for each in (plain, packed):
            assert each.headers["Vary"] == "Accept-Encoding, Authorization"

    def test_what_is_small_is_left_as_it_is(self, api: ContractClient) -> None:
        empty = api.get("/v1/exercises?q=no-such-thing", Accept_Encoding="gzip")
        assert "Content-Encoding" not in empty.headers
        assert json.loads(empty.data) == {"exercises": [], "next": None}
