"""Make the typed Python client of the contract, in clients/python: `make client`.

The generator (openapi-python-client) knows neither NDJSON nor YAML nor pages; in its copy of the contract they are
bytes and text, which is how a client handles them anyhow.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from service.http.problem_kinds import EVERY

_HOUSE: Final = Path(__file__).parents[1]
_MADE: Final = _HOUSE / "clients" / "python"
_BYTES: Final = {"type": "string", "format": "binary"}
_TEXT: Final = {"type": "string"}
_INSTEAD: Final = {
    "application/x-ndjson": ("application/octet-stream", _BYTES),
    "image/png": ("application/octet-stream", _BYTES),
    "application/yaml": ("text/plain", _TEXT),
    "text/event-stream": ("text/plain", _TEXT),
    "text/css": ("text/plain", _TEXT),
    "text/javascript": ("text/plain", _TEXT),
}
"""By media type, the one as which the generator is to treat it, and the schema of that."""

_SETTINGS: Final = {
    "project_name_override": "spotter-client",
    "package_name_override": "spotter_client",
    "content_type_overrides": {name: instead for name, (instead, _) in _INSTEAD.items()},
    "post_hooks": [],
}


_ANSWER: Final = re.compile(r"(^(?:async )?def (?:sync|asyncio)\([^)]*\) -> )([^:\n]+):", re.MULTILINE)
_CALL: Final = re.compile(r"(return )(sync_detailed\([^)]*\)|\(await asyncio_detailed\([^)]*\)\))\.parsed")
"""How the generator writes what its functions give, and from where."""

_PROBLEMS: Final = '''"""What the service refuses, as exceptions: `sync` and `asyncio` of every operation raise them."""

from __future__ import annotations

from typing import Any

from .models.problem import Problem
from .types import Response


class ProblemError(Exception):
    """What the service answered instead: ``problem`` says what and where, ``response`` has status and headers."""

    def __init__(self, problem: Problem | None, response: Response[Any]) -> None:
        super().__init__(f"{problem.title}: {problem.detail}" if problem else f"HTTP {response.status_code}")
        self.problem = problem
        self.response = response


def answered(response: Response[Any]) -> Any:
    """What was asked for; raises `ProblemError`, by its kind where that is known."""
    parsed = response.parsed
    if isinstance(parsed, Problem):
        raise _KINDS.get(parsed.type_, ProblemError)(parsed, response)
    if response.status_code >= 400:
        raise ProblemError(None, response)
    return parsed
'''

_PYPROJECT: Final = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "spotter-client"
version = "{version}"
description = "The typed client of Spotter, made of its contract."
readme = "README.md"
requires-python = ">=3.11"
license = "Apache-2.0"
license-files = ["LICENSE"]
dependencies = {needs}

[tool.hatch.build]
ignore-vcs = true
packages = ["spotter_client"]
"""

_README: Final = """# The client of Spotter

Made of the contract by `make client`; not written by hand, and never edited.

```python
import os
from spotter_client import AuthenticatedClient
from spotter_client.api.lifters import get_next_session
from spotter_client.problems import NotFound, ProblemError

with AuthenticatedClient("http://127.0.0.1:8080", os.environ["SPOTTER_API_KEY"]) as client:
    try:
        session = get_next_session.sync("ann", client=client)
    except NotFound:
        print("nobody has written about this lifter yet")
    except ProblemError as error:
        print(error.problem, error.response.headers.get("Retry-After"))
```

Each operation is a module under `spotter_client.api`, by the tag that the contract gives it, with four functions.
`sync` and `asyncio` give what was asked for and raise a `ProblemError` for whatever the service refuses; each kind of
problem is a class of its own in `spotter_client.problems`. `sync_detailed` and `asyncio_detailed` raise nothing: they
give status, headers and what was parsed, a `Problem` included.
"""


def main() -> None:
    """Generate, and fail where the generator had to leave something out."""
    contract = _readable(yaml.safe_load((_HOUSE / "openapi.yaml").read_bytes()))
    with tempfile.TemporaryDirectory() as folder:
        source, settings = Path(folder, "openapi.json"), Path(folder, "settings.json")
        source.write_text(json.dumps(contract), encoding="utf-8")
        settings.write_text(json.dumps(_SETTINGS), encoding="utf-8")
        generator = str(Path(sys.executable).with_name("openapi-python-client"))
        command = [
            generator,
            "generate",
            "--path",
            str(source),
            "--config",
            str(settings),
            "--meta",
            "setup",
            "--overwrite",
        ]
        said = subprocess.run(
            [*command, f"--path={source}", f"--config={settings}", f"--output-path={_MADE}"],
            capture_output=True,
            text=True,
            check=False,
        )
    if said.returncode:
        raise SystemExit(said.stdout + said.stderr)
    _raise_problems(_MADE / "spotter_client")
    (_MADE / "README.md").write_text(_README, encoding="utf-8")
    _describe(contract["info"]["version"])
    (_MADE / ".made").touch()


def _describe(version: str) -> None:
    """Have it built by what the project is built by, under its licence, from a folder that is in no repository."""
    setup = _MADE / "setup.py"
    needs = re.search(r"install_requires=(\[.*\])", setup.read_text(encoding="utf-8"))
    if needs is None:
        raise SystemExit("the generator no longer says what its client needs")
    setup.unlink()
    shutil.copy(_HOUSE / "LICENSE", _MADE)
    (_MADE / "pyproject.toml").write_text(_PYPROJECT.format(version=version, needs=needs[1]), encoding="utf-8")


def _raise_problems(package: Path) -> None:
    """Have ``sync`` and ``asyncio`` give what was asked for, and raise problems, each kind as a class of its own."""
    kinds = [(kind.slug, "".join(map(str.capitalize, kind.slug.split("-")))) for kind in EVERY.values()]
    classes = "".join(f'\n\nclass {name}(ProblemError):\n    """{EVERY[slug].title}."""\n' for slug, name in kinds)
    table = "".join(f'    "/problems/{slug}": {name},\n' for slug, name in kinds)
    (package / "problems.py").write_text(f"{_PROBLEMS}{classes}\n\n_KINDS = {{\n{table}}}\n", encoding="utf-8")
    for module in package.glob("api/*/*.py"):
        text = module.read_text(encoding="utf-8")
        made = _CALL.sub(r"\1answered(\2)", _ANSWER.sub(lambda found: f"{found[1]}{_without_problem(found[2])}:", text))
        if made != text:
            after = "from __future__ import annotations\n" if "from __future__" in made else ""
            made = made.replace(after, "", 1)
            module.write_text(f"{after}from ...problems import answered\n{made}", encoding="utf-8")


def _without_problem(types: str) -> str:
    return " | ".join(each for each in types.split(" | ") if each not in ("Problem", "None")) or "None"


def _readable(part: Any) -> Any:
    """The contract in media types that the generator knows; one of them where a body has several."""
    if isinstance(part, list):
        return [_readable(item) for item in part]
    if not isinstance(part, dict):
        return part
    if isinstance(part.get("content"), dict):
        media_type = min(part["content"], key=lambda name: name in _INSTEAD)
        schema = _INSTEAD[media_type][1] if media_type in _INSTEAD else part["content"][media_type]["schema"]
        part = {**part, "content": {media_type: {"schema": schema}}}
    if "properties" in part:  # what may not be absent, or not together, is no type
        part = {name: value for name, value in part.items() if name not in ("oneOf", "not", "if", "then")}
    return {name: _readable(value) for name, value in part.items()}


if __name__ == "__main__":
    main()
