"""Guides whose snippets run: what docs/guides/README.md promises its readers, as code.

Blocks marked ``shell`` or ``python`` are run, in order, in one folder. A block marked ``json`` or ``text`` that follows
one is what it prints. JSON is compared as JSON, text to the letter, and both without what differs from one run to the
next: see `settled`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "-- end of a snippet --"
_VOLATILE = {
    r"\bl[a-d][A-Za-z0-9_-]{50,}": "<prescription id>",
    r"\b[0-9a-f]{64}\b": "<digest>",
    r"\bk_[0-9a-f]{16}\b": "<key>",
    r"(?<=\.yaml)[: ]\d+": "<line>",
    r'(?<="request_id":")[0-9a-f]{16}': "<request id>",
    r"(?i)(?<=x-request-id: )[0-9a-f]{16}": "<request id>",
    r"\bsk_[A-Za-z0-9_-]{43}\b": "<secret>",
    r'(?<="recorded_at":")[^"]+': "<now>",
    r'(?<="created_at":")[^"]+': "<now>",
    r'(?<="expires_at":")[^"]+': "<later>",
    r"\bt_[0-9a-f]{16}\b": "<token>",
    r"\blt_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])": "<secret>",
}


class Snippet(NamedTuple):
    """Something to run, the line of the guide that it begins at, and what the guide shows that it prints."""

    language: str
    text: str
    line: int
    shown: tuple[str, str] | None


def snippets(guide: str) -> list[Snippet]:
    """What of a guide runs, in order."""
    blocks = list(_BLOCK.finditer(guide))
    found = []
    for block, following in zip_longest(blocks, blocks[1:]):
        if block[1] in ("shell", "python"):
            shown = (following[1], following[2]) if following and following[1] in ("json", "text") else None
            found.append(Snippet(block[1], block[2], guide[: block.start()].count("\n") + 1, shown))
    return found


def run(guide: list[Snippet], folder: Path, url: str, data_dir: Path, seconds: int = 120) -> list[str]:
    """What each prints; AssertionError where one fails. ``url`` and ``data_dir`` stand in for those of `make run`.

    All of it may take so many ``seconds``.
    """
    script = "set -euo pipefail\n"
    for snippet in guide:
        text = snippet.text.replace("http://127.0.0.1:8080", url).replace(".venv/bin/", "")
        script += f"python - <<'END_OF_PYTHON'\n{text}END_OF_PYTHON\n" if snippet.language == "python" else text
        script += f"echo '{_END}'\n"
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    client = Path(__file__).parents[2] / "clients" / "python"
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607 - whichever the reader has
        cwd=folder,
        env={"PATH": found, "PYTHONPATH": str(client), "HOME": str(folder), "SPOTTER_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    printed = [part.replace(url, "http://127.0.0.1:8080") for part in done.stdout.split(f"{_END}\n")]
    assert done.returncode == 0, f"the snippet after {len(printed) - 1} others fails: {printed[-1]}{done.stderr}"
    return printed[:-1]


def settled(kind: str, printed: str) -> Any:
    """What was printed, or is shown, in the form in which the two are compared.

    Prescription ids, digests, keys and their ids, ids of requests, lines of rule files and the time of recording or
    making are blanked out. Of JSON white space says nothing, nor does the order of names; it may be several documents.
    """
    if kind == "json":
        printed = json.dumps(_documents(printed), separators=(",", ":"), sort_keys=True)
    for pattern, instead in _VOLATILE.items():
        printed = re.sub(pattern, instead, printed)
    return json.loads(printed) if kind == "json" else printed.rstrip().splitlines()


def _documents(text: str) -> list[Any]:
    decoder, place, found = json.JSONDecoder(), 0, []
    while place < len(text.rstrip()):
        place += len(text[place:]) - len(text[place:].lstrip())
        document, place = decoder.raw_decode(text, place)
        found.append(document)
    return found
