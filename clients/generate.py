"""Make the typed Python client of the contract, in clients/python: `make client`.

The generator (openapi-python-client) knows neither NDJSON nor YAML nor pages; in its copy of the contract they are
bytes and text, which is how a client handles them anyhow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

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
    (_MADE / ".made").touch()


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
