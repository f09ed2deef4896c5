"""What is published is written once for everybody, until something else is."""

from __future__ import annotations

from flask import Flask, Response

from service.http import kept_replies
from service.http.kept_replies import PublishedReplies

APP = Flask(__name__)


class Asked:
    """Replies about what is published, and how often one was written."""

    def __init__(self) -> None:
        self.published = {"default": "1"}
        self.written = 0
        self._replies = PublishedReplies(lambda: dict(self.published))

    def get(self, path: str, gym: str = "a", **headers: str) -> Response:
        with APP.test_request_context(path, headers={name.replace("_", "-"): each for name, each in headers.items()}):
            return self._replies.reply(gym, self._write)

    def _write(self) -> Response:
        self.written += 1
        return Response(b"x" * 4000, headers={"Link": f"<{self.written}>"})


def test_it_is_written_once_for_each_path_and_parameters() -> None:
    asked = Asked()
    plain = [asked.get("/v1/exercises?q=a") for _ in range(3)]
    packed = asked.get("/v1/exercises?q=a", Accept_Encoding="gzip")
    assert asked.written == 1
    assert {each.headers["Link"] for each in (*plain, packed)} == {"<1>"}
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain[0].data) == 4000
    asked.get("/v1/exercises?q=b")
    asked.get("/v1/programmes?q=a")
    assert asked.written == 3


def test_it_is_written_anew_when_something_is_published() -> None:
    asked = Asked()
    asked.get("/v1/exercises")
    asked.published["default"] = "2"
    assert asked.get("/v1/exercises").headers["Link"] == "<2>"


def test_no_tag_of_one_gym_confirms_it_to_another() -> None:
    asked = Asked()
    tag = asked.get("/v1/exercises", "a").headers["ETag"]
    assert asked.get("/v1/exercises", "a", If_None_Match=tag).status_code == 304
    assert asked.get("/v1/exercises", "b", If_None_Match=tag).status_code == 200
    assert asked.written == 1


def test_no_more_than_so_much_is_kept() -> None:
    asked = Asked()
    most = kept_replies.MOST_KEPT // 4000
    for number in range(most + 1):
        asked.get(f"/v1/exercises?q={number}")
    asked.get("/v1/exercises?q=0")
    assert asked.written == most + 2
    asked.get("/v1/exercises?q=0")
    assert asked.written == most + 2
