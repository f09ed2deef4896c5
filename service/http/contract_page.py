"""The contract as one page of plain HTML: no script, no style from elsewhere, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Final

import yaml
from jinja2 import Environment

_METHODS: Final = ("get", "post", "put", "patch", "delete")

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f23 }
h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; border-top: 1px solid #d8dee4; padding-top: 1rem }
code, pre { font: 14px/1.4 ui-monospace, monospace; background: #f3f5f7; border-radius: 4px }
code { padding: .1rem .3rem } pre { padding: .8rem; overflow-x: auto }
table { border-collapse: collapse; margin: .5rem 0 } td, th { text-align: left; padding: .2rem 1rem .2rem 0;
vertical-align: top }
"""

STYLE_SOURCE: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy calls the page's own style."""

_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ info.title }} {{ info.version }}</title><style>{{ style }}</style></head>
<body>
<h1>{{ info.title }} <small>{{ info.version }}</small></h1>
{% for paragraph in info.description.split("\n\n") %}<p>{{ paragraph }}</p>
{% endfor %}<p>The whole contract, for tools: <a href="/openapi.yaml">openapi.yaml</a>.</p>
{% for operation in operations %}
<h2 id="{{ operation.id }}"><code>{{ operation.method }} {{ operation.path }}</code></h2>
<p><strong>{{ operation.summary }}.</strong> {{ operation.description }}</p>
{% if operation.parameters %}<table>
{% for parameter in operation.parameters %}<tr><td><code>{{ parameter.name }}</code></td><td>{{ parameter.in }}</td>\
<td>{{ parameter.description }}</td></tr>
{% endfor %}</table>{% endif %}
{% for name, example in operation.examples %}<p>{{ name }}</p><pre>{{ example }}</pre>
{% endfor %}<table>
{% for status, meaning in operation.responses %}<tr><td><code>{{ status }}</code></td><td>{{ meaning }}</td></tr>
{% endfor %}</table>
{% endfor %}</body></html>
"""


def contract_page(contract: bytes) -> str:
    """An OpenAPI document as HTML."""
    document = yaml.safe_load(contract)
    operations = [
        _operation(document, path, method)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    page = Environment(autoescape=True, trim_blocks=False).from_string(_PAGE)
    return page.render(info=document["info"], operations=operations, style=_STYLE)


def _operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    item = document["paths"][path]
    operation = item[method]
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [_resolved(document, parameter) for parameter in parameters],
        "examples": [
            (example["summary"], json.dumps(example["value"], indent=2))
            for example in content.get("examples", {}).values()
        ],
        "responses": [
            (status, _resolved(document, response)["description"])
            for status, response in operation["responses"].items()
        ],
    }


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part, or the component that it refers to."""
    while "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part
