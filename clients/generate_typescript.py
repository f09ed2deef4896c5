"""Make the typed JavaScript and TypeScript client of the contract, in clients/typescript: `make client`.

What runs is JavaScript with nothing to install and nothing to compile; its types are declarations beside it. No
generator of the Python world writes TypeScript, and those of npm's would be a second locked toolchain.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from service.http.problem_kinds import EVERY

_HOUSE: Final = Path(__file__).parents[1]
_MADE: Final = _HOUSE / "clients" / "typescript"
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_IDEMPOTENT: Final = frozenset({"get", "put", "delete"})

_BY_EVENT_IDS: Final = frozenset({"append_event", "append_session"})
"""What the log takes once, by the ids of the events, however often it is sent."""

_TYPES: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
    "array": "unknown[]",
    "object": "{ [name: string]: unknown }",
}

_README: Final = """# The client of Spotter for JavaScript and TypeScript

Made of the contract by `make client`; not written by hand, and never edited. It needs nothing but `fetch`: browsers,
Node from 20 on, Deno and Bun have it.

```ts
import { NotFoundError, Spotter } from "spotter-client";

const spotter = new Spotter({ url: "http://127.0.0.1:8080", key: process.env.SPOTTER_API_KEY });
try {
  const { prescriptions } = await spotter.getNextSession({ lifter: "ann" });
  console.log(prescriptions.map(({ slot, sets, because }) => ({ slot, sets, because })));
} catch (error) {
  if (!(error instanceof NotFoundError)) throw error;
  console.log("nobody has written about this lifter yet");
}
```

Each operation of the contract is a method; its parameters are one object, with the request's body as `body`. A second
argument takes `headers` and a `signal` that ends it. What is refused is thrown as a `ProblemError`, each kind as a
class of its own. What was not answered, or with 429 or 503, is sent again for a minute (`patienceMs`), as far as that
writes nothing twice.

In a browser the key would be everybody's: give an app a token of its lifter instead.
"""

_HEAD: Final = """// Made of the contract by `make client`; never edited.

/** What is asked for beside an operation's parameters. */
export interface Init {
  headers?: HeadersInit;
  signal?: AbortSignal;
}

/** Where a Spotter is, and how it is asked. `patienceMs`: for how long what was not answered is sent again. */
export interface Options {
  url: string;
  key?: string;
  fetch?: typeof globalThis.fetch;
  patienceMs?: number;
}

/** What the service answered instead: `problem` says what and where, and is undefined where it said nothing of it. */
export class ProblemError extends Error {
  readonly problem: Problem | undefined;
  readonly status: number;
  readonly headers: Headers;
}
"""


def main() -> None:
    """Make the package anew."""
    contract = yaml.load((_HOUSE / "openapi.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    shutil.rmtree(_MADE, ignore_errors=True)
    _MADE.mkdir()
    for name, text in made_of(contract).items():
        (_MADE / name).write_text(text, encoding="utf-8")
    shutil.copy(_HOUSE / "LICENSE", _MADE)


def made_of(contract: dict[str, Any]) -> dict[str, str]:
    """The files of the package, by their names."""
    operations = [
        _Operation(contract, path, method)
        for path, item in contract["paths"].items()
        for method in _METHODS
        if method in item
    ]
    package = {
        "name": "spotter-client",
        "version": contract["info"]["version"],
        "description": "The typed client of Spotter, made of its contract.",
        "license": "Apache-2.0",
        "type": "module",
        "sideEffects": False,
        "exports": {".": {"types": "./index.d.ts", "default": "./index.js"}},
        "types": "./index.d.ts",
        "files": ["index.js", "index.d.ts", "README.md", "LICENSE"],
        "engines": {"node": ">=20"},
    }
    runtime = (_HOUSE / "clients" / "runtime.js").read_text(encoding="utf-8")
    return {
        "package.json": json.dumps(package, indent=2) + "\n",
        "README.md": _README,
        "index.js": runtime + _kinds_that_run() + _operations_that_run(operations),
        "index.d.ts": _HEAD + _declared_kinds() + _declared_schemas(contract) + _declared_operations(operations),
    }


class _Operation:
    """An operation of the contract as a method."""

    def __init__(self, contract: dict[str, Any], path: str, method: str) -> None:
        self._contract = contract
        self.path, self.method = path, method
        self.operation = contract["paths"][path][method]
        words = self.operation["operationId"].split("_")
        self.name = words[0] + "".join(map(str.capitalize, words[1:]))
        given = [self._resolved(each) for each in self.operation.get("parameters", ())]
        self.in_path = [each for each in given if each["in"] == "path"]
        self.in_query = [each for each in given if each["in"] == "query"]
        self.has_key = any(each["name"] == "Idempotency-Key" for each in given)
        self.body = self._resolved(self.operation["requestBody"]) if "requestBody" in self.operation else None
        answers = [self._resolved(each) for status, each in self.operation["responses"].items() if status < "300"]
        self._contents = [each.get("content", {}) for each in answers]

    def _resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            target: Any = self._contract
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            part = target
        return part

    @property
    def media(self) -> str | None:
        """The media type of the request's body."""
        return None if self.body is None else next(iter(self.body["content"]))

    @property
    def answers(self) -> str:
        """How the answer is read."""
        media = {name for content in self._contents for name in content}
        if "application/json" in media or not media:
            return "json"
        return "blob" if any(name.startswith("image/") for name in media) else "text"

    @property
    def repeatable(self) -> str | bool:
        """Whether sending it twice does no more than once; ``key`` where it is so by a header."""
        return "key" if self.has_key else self.method in _IDEMPOTENT or self.operation["operationId"] in _BY_EVENT_IDS

    @property
    def result(self) -> str:
        """The type of what is asked for."""
        types = {"text": "string", "blob": "Blob"}
        if self.answers in types:
            return types[self.answers]
        schemas = [content["application/json"]["schema"] for content in self._contents if content]
        return " | ".join(dict.fromkeys(map(_type, schemas))) or "undefined"

    @property
    def parameters(self) -> str:
        """The type of its parameters, with the comma before it that its method needs; empty without any."""
        members = [
            _member(each["name"], each["schema"], needed=each.get("required", False))
            for each in (*self.in_path, *self.in_query)
        ]
        needed = any(each.get("required") for each in (*self.in_path, *self.in_query))
        if self.body is not None:
            is_json = self.media == "application/json"
            body = (
                _type(self.body["content"][self.media]["schema"])
                if is_json
                else "string | Blob | Uint8Array<ArrayBuffer>"
            )
            required = self.body.get("required", False)
            members.append(f"body{'' if required else '?'}: {body}")
            needed = needed or required
        return f"parameters{'' if needed else '?'}: {{ {'; '.join(members)} }}" if members else "parameters?: {}"


def _operations_that_run(operations: list[_Operation]) -> str:
    table = {
        each.name: [
            each.method.upper(),
            each.path,
            [parameter["name"] for parameter in each.in_path],
            [parameter["name"] for parameter in each.in_query],
            each.media,
            each.answers,
            each.repeatable,
        ]
        for each in operations
    }
    lines = "".join(f"  {name}: {json.dumps(row)},\n" for name, row in table.items())
    return f"""
const OPERATIONS = {{
{lines}}};

for (const [name, operation] of Object.entries(OPERATIONS)) {{
  Spotter.prototype[name] = function (parameters, init) {{
    return this._ask(operation, parameters, init);
  }};
}}
"""


def _declared_operations(operations: list[_Operation]) -> str:
    methods = "".join(
        f"{_comment(each.operation.get('summary', ''), '  ')}"
        f"  {each.name}({each.parameters}, init?: Init): Promise<{each.result}>;\n"
        for each in operations
    )
    about = "/** A running Spotter, and the key or token to ask it with. Each operation of the contract is a method. */"
    return f"\n{about}\nexport class Spotter {{\n  constructor(options: Options);\n{methods}}}\n"


def _classes() -> Iterator[tuple[str, str, str]]:
    """Of each kind of problem its slug, its title and the name of its class."""
    for slug, kind in EVERY.items():
        name = "".join(map(str.capitalize, slug.split("-")))
        yield slug, kind.title, name if name.endswith("Error") else f"{name}Error"


def _kinds_that_run() -> str:
    classes = "".join(
        f"\n/** {title}. */\nexport class {name} extends ProblemError {{}}\n" for _, title, name in _classes()
    )
    table = "".join(f'  "/problems/{slug}": {name},\n' for slug, _, name in _classes())
    return f"{classes}\nconst KINDS = {{\n{table}}};\n"


def _declared_kinds() -> str:
    return "".join(
        f"\n/** {title}. */\nexport class {name} extends ProblemError {{}}\n" for _, title, name in _classes()
    )


def _declared_schemas(contract: dict[str, Any]) -> str:
    schemas = contract["components"]["schemas"]
    return "".join(
        f"\n{_comment(schema.get('description', ''))}export type {name} = {_type(schema)};\n"
        for name, schema in schemas.items()
    )


def _comment(text: str, indent: str = "") -> str:
    said = " ".join(text.replace("*/", "* /").split())
    return f"{indent}/** {said} */\n" if said else ""


def _type(schema: Any) -> str:
    """The type of what a schema takes; conditions that are no type are left out."""
    if not isinstance(schema, dict):
        return "unknown"
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    parts = [_own(schema)]
    parts += [_either(schema[word]) for word in ("oneOf", "anyOf") if word in schema]
    parts += [_type(each) for each in schema.get("allOf", ())]
    said = list(dict.fromkeys(part for part in parts if part != "unknown"))
    return " & ".join(f"({part})" if " | " in part and len(said) > 1 else part for part in said) or "unknown"


def _either(schemas: list[Any]) -> str:
    types = list(dict.fromkeys(map(_type, schemas)))
    return "unknown" if "unknown" in types else " | ".join(types)


def _own(schema: dict[str, Any]) -> str:
    """What it says itself, beside what it refers to."""
    kinds = schema.get("type", "object" if "properties" in schema else [])
    return " | ".join(_kind(schema, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "unknown"


def _kind(schema: dict[str, Any], kind: str) -> str:
    if kind == "array" and "items" in schema:
        items = _type(schema["items"])
        return f"({items})[]" if re.search(r"[ |&]", items) else f"{items}[]"
    if kind != "object":
        return _TYPES[kind]
    needed = schema.get("required", ())
    members = [_member(name, each, needed=name in needed) for name, each in schema.get("properties", {}).items()]
    if members:
        return f"{{ {'; '.join(members)} }}"
    others = schema.get("additionalProperties", True)
    return f"{{ [name: string]: {_type(others)} }}" if isinstance(others, dict) else _TYPES["object"]


def _member(name: str, schema: Any, *, needed: bool) -> str:
    written = name if re.fullmatch(r"[A-Za-z_]\w*", name) else json.dumps(name)
    return f"{written}{'' if needed else '?'}: {_type(schema)}"


if __name__ == "__main__":
    main()
