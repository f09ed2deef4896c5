"""What others wrote and is kept here: each file is the one that was taken, with its licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "service/http/pages/vendored"


def test_every_vendored_file_is_the_one_that_was_taken() -> None:
    recorded = {name: sha256 for sha256, name in map(str.split, (_FOLDER / "SHA256SUMS").read_text().splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _FOLDER.iterdir()}
    del found["SHA256SUMS"]
    assert found == recorded
    assert {name.partition(".")[0] + ".LICENSE" for name in found} <= found.keys(), "each has its licence"
