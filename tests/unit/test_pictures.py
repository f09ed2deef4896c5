"""The README's pictures: each is there, shown, described, and all of them are small."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_MOST_BYTES = 600_000


def test_pictures_are_shown_and_small() -> None:
    pictures = sorted((_ROOT / "docs/pictures").iterdir())
    shown = dict(re.findall(r"!\[([^]]*)\]\((docs/pictures/[^)]+)\)", (_ROOT / "README.md").read_text()))
    assert sorted(shown.values()) == [str(each.relative_to(_ROOT)) for each in pictures]
    assert all(shown), "each says what is on it"
    assert sum(each.stat().st_size for each in pictures) < _MOST_BYTES
