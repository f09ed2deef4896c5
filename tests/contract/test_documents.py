"""The pages for developers: the contract in Swagger UI under a strict policy, and a page for each kind of problem."""

import base64
import hashlib
import re
from html import unescape

import pytest
from flask import Flask

from service.http import problem_kinds
from service.http.problem_kinds import EVERY, Kind
from tests.support.contract import CONTRACT, ContractClient

_STRICT = re.compile(r"default-src 'none'; .*base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


@pytest.fixture
def reader(app: Flask) -> ContractClient:
    return ContractClient(app, None)


def test_every_reply_says_which_version_of_the_contract_answered(app: Flask, key: str) -> None:
    anybody, api = ContractClient(app, None), ContractClient(app, key)
    answers = [anybody.get("/livez"), anybody.get("/v1/exercises"), api.get("/v1/exercises"), api.get("/nothing")]
    assert {answer.headers["Spotter-Version"] for answer in answers} == {CONTRACT["info"]["version"]}


def _policy(headers: dict[str, str]) -> dict[str, list[str]]:
    directives = (directive.split() for directive in headers["Content-Security-Policy"].split(";"))
    return {name: sources for name, *sources in directives}


def test_the_contracts_page_loads_only_what_is_served_here(reader: ContractClient) -> None:
    page = reader.get("/docs").text
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    asset = CONTRACT["paths"]["/docs/{asset}"]["get"]["parameters"][0]
    assert {path for path in loaded if path.startswith("/docs/")} == {
        f"/docs/{name}" for name in asset["schema"]["enum"]
    }
    for path in loaded:
        assert reader.get(path).status == 200, path
    assert not re.search(r"https?://|@import| style=| on\w+=", page)


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/not-found"])
def test_pages_may_run_and_style_only_what_is_theirs(reader: ContractClient, path: str) -> None:
    answer = reader.get(path)
    assert _STRICT.fullmatch(answer.headers["Content-Security-Policy"])
    allowed = _policy(dict(answer.headers))
    assert "unsafe" not in str(allowed)
    for kind in ("script", "style"):
        for inline in re.findall(rf"<{kind}>(.*?)</{kind}>", answer.text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in allowed[f"{kind}-src"]


def test_a_part_of_the_page_is_sent_once(reader: ContractClient) -> None:
    first = reader.get("/docs/swagger-ui-bundle.js")
    again = reader.get("/docs/swagger-ui-bundle.js", If_None_Match=first.headers["ETag"])
    assert (again.status, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/docs/swagger-ui.js.map", "/docs/..", "/problems/no-such-kind"])
def test_what_is_no_part_is_not_found(reader: ContractClient, path: str) -> None:
    assert reader.get(path).status == 404


@pytest.mark.parametrize("kind", EVERY.values(), ids=lambda kind: kind.slug)
def test_the_type_of_every_problem_leads_to_its_page(reader: ContractClient, kind: Kind) -> None:
    page = unescape(reader.get(kind.type).text)
    assert all(said in page for said in (kind.title, kind.cause, kind.remedy))
    assert f'href="{kind.type}"' in reader.get("/problems").text


def test_no_kind_is_left_out() -> None:
    named = {value for value in vars(problem_kinds).values() if isinstance(value, Kind)} | set(
        problem_kinds.KINDS.values()
    )
    assert named == set(EVERY.values())


def test_every_problem_in_the_contract_is_of_a_kind_that_has_a_page() -> None:
    shown = re.findall(r"'type': '/problems/([a-z-]+)', 'title': (['\"])(.*?)\2, 'status': (\d+)", str(CONTRACT))
    assert {(slug, title, int(status)) for slug, _, title, status in shown} <= {
        (kind.slug, kind.title, kind.status) for kind in EVERY.values()
    }
    assert shown
