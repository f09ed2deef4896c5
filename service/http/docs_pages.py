"""Pages for people: the contract in Swagger UI, and what each kind of problem means; nothing comes from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from typing import Final, NamedTuple

from jinja2 import Environment

from service.http.problem_kinds import Kind

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f23 }
code { font: 14px/1.4 ui-monospace, monospace; background: #f3f5f7; border-radius: 4px; padding: .1rem .3rem }
td { padding: .2rem 1rem .2rem 0; vertical-align: top }
"""

_START: Final = """
window.addEventListener("load", () => SwaggerUIBundle({
  url: "/openapi.yaml", dom_id: "#contract", deepLinking: true, validatorUrl: null, displayRequestDuration: true,
  defaultModelsExpandDepth: 0, docExpansion: "list",
}));
"""

_DOCS: Final = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spotter's contract</title>
<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png">
<script src="/docs/swagger-ui-bundle.js"></script><script>{_START}</script></head>
<body><div id="contract"></div>
<noscript>Without scripts, read <a href="/openapi.yaml">openapi.yaml</a>.</noscript></body></html>
"""

_PROBLEMS: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style>{{ style }}</style></head>
<body>
{% block body %}{% endblock %}
<p><a href="/problems">All problems</a> · <a href="/docs">The contract</a></p>
</body></html>
"""

_ONE: Final = """{% extends page %}{% block body %}<h1>{{ kind.title }}</h1>
<p><code>{{ kind.type }}</code> with status {{ kind.status }}</p>
<h2>When it arises</h2>
<p>{{ kind.cause }}</p>
<h2>What to do</h2>
<p>{{ kind.remedy }}</p>
<p>“detail” in the reply says it of your request, and “request_id” leads to it in the server's log.</p>{% endblock %}
"""

_ALL: Final = """{% extends page %}{% block body %}<h1>Problems</h1>
<p>Whatever Spotter refuses it answers with RFC 9457 problem details, whose “type” is one of these.</p>
<table>
{% for kind in kinds %}<tr><td>{{ kind.status }}</td><td><a href="{{ kind.type }}">{{ kind.title }}</a></td></tr>
{% endfor %}</table>{% endblock %}
"""


class Asset(NamedTuple):
    """A file of Swagger UI, as it is served."""

    media_type: str
    content: bytes
    tag: str


def assets() -> dict[str, Asset]:
    """What the contract's page loads, by name, from the installed package."""
    folder = files("flask_swagger_ui") / "dist"
    media_types = {
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "favicon-32x32.png": "image/png",
    }
    return {
        name: Asset(media_type, content := (folder / name).read_bytes(), hashlib.sha256(content).hexdigest())
        for name, media_type in media_types.items()
    }


def docs_page() -> tuple[str, str]:
    """The contract's page, and the Content-Security-Policy that lets it do what it does and nothing else."""
    allowed = {
        "default-src": "'none'",
        "script-src": f"'self' {_hash(_START)}",
        "style-src": "'self'",
        "img-src": "'self' data:",  # the style sheet's own icons
        "connect-src": "'self'",  # the contract, and trying requests out
    }
    return _DOCS, _policy(allowed)


def problem_pages(kinds: Iterable[Kind]) -> tuple[str, dict[str, str], str]:
    """The list of all problems, the page of each by its slug, and their Content-Security-Policy."""
    pages = Environment(autoescape=True)
    shown = list(kinds)
    base = pages.from_string(_PROBLEMS)

    def render(template: str, title: str, **values: object) -> str:
        return pages.from_string(template).render(page=base, title=title, style=_STYLE, **values)

    every = {kind.slug: render(_ONE, kind.title, kind=kind) for kind in shown}
    policy = _policy({"default-src": "'none'", "style-src": _hash(_STYLE)})
    return render(_ALL, "Problems", kinds=shown), every, policy


def _policy(allowed: dict[str, str]) -> str:
    whole = {**allowed, "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
    return "; ".join(f"{directive} {sources}" for directive, sources in whole.items())


def _hash(inline: str) -> str:
    """What a policy calls a script or a style that stands in its page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
