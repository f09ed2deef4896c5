"""A browser without scripts: it keeps cookies, follows links, and sends forms with what stands in them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

_INPUT = re.compile(r'<input(?! type="(?:checkbox|radio)"(?![^>]* checked))[^>]*>')
_NAME = re.compile(r' name="([^"]*)"')
_VALUE = re.compile(r' value="([^"]*)"')
_OUR_SCRIPT = re.compile(r'<script src="/pages/pages\.js\?v=[0-9a-f]{16}" defer></script>')
_SELECT = re.compile(r'<select[^>]* name="([^"]*)"(.*?)</select>', re.DOTALL)
_CHOSEN = re.compile(r'<option value="([^"]*)" selected>')


class Page(NamedTuple):
    """A page as it came."""

    status: int
    html: str
    headers: Any

    @property
    def text(self) -> str:
        """What a reader sees: no markup, and spaces made one."""
        body = re.sub(r"<(style|script|title)\b.*?</\1>", " ", self.html, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def beside_our_script(self) -> str:
        """The markup without the one script that every page loads, which is ours."""
        return _OUR_SCRIPT.sub("", self.html)

    def links(self, to: str = "") -> list[str]:
        """Where its links lead that contain ``to``."""
        return [unescape(each) for each in re.findall(r'<a [^>]*?href="([^"]+)"', self.html) if to in each]

    def fields(self, action: str) -> dict[str, str]:
        """The fields of the form that is sent to ``action``."""
        return self._of_form("action", action)

    def form(self, name: str) -> dict[str, str]:
        """The fields of the form of an id."""
        return self._of_form("id", name)

    def _of_form(self, attribute: str, value: str) -> dict[str, str]:
        form = re.search(rf'<form[^>]* {attribute}="{re.escape(value)}".*?</form>', self.html, re.DOTALL)
        assert form, f"there is no form whose {attribute} is {value}"
        inputs = [(_NAME.search(each), _VALUE.search(each)) for each in _INPUT.findall(form[0])]
        chosen = {each[1]: _CHOSEN.search(each[2]) for each in _SELECT.finditer(form[0])}
        return {name[1]: unescape(value[1]) if value else "" for name, value in inputs if name} | {
            name: option[1] if option else "" for name, option in chosen.items()
        }


class Browser:
    """One browser."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str) -> Page:
        """The page at a path, redirections followed."""
        return _page(self.client.get(path, follow_redirects=True))

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        """What comes of a form, redirections not followed."""
        return _page(self.client.post(path, data=fields))

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes) -> Page:
        """What comes of a form with a file, called ``name``, in its field ``file``."""
        boundary, body = encode_multipart({**fields, "file": FileStorage(io.BytesIO(content), name)})
        return _page(self.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}"))

    def sign_in(self, key: str, path: str = "/sign-in") -> Page:
        """Fill in the form at a path and send it."""
        return self.post("/sign-in", {**self.get(path).fields("/sign-in"), "key": key})

    def sign_out(self) -> Page:
        """Press the button for it."""
        return self.post("/sign-out", self.get("/").fields("/sign-out"))

    @property
    def cookie(self) -> str | None:
        """What the browser shows at every page."""
        cookie = self.client.get_cookie("spotter")
        return None if cookie is None else cookie.value


def _page(response: TestResponse) -> Page:
    return Page(response.status_code, response.text, response.headers)
