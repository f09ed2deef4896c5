"""README's example and the guides, run in order from an empty folder on a fresh Spotter, print what they show."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guides import run, settled, snippets
from tests.support.running import RunningSpotter

_FOLDER = Path("docs/guides")
_IN_ORDER = [
    "post-a-set",
    "show-the-next-session",
    "explain-it",
    "correct-a-set",
    "bulk-import",
    "changes",
    "find-an-exercise",
    "numbers-over-time",
    "log-a-workout",
]
_OTHERS = [
    "bring-a-log-along",
    "keys",
    "verifying",
    "phone-app",
    "assistants",
    "sandbox",
    "programmes-over-http",
]
_LONG = ["production"]
_KEY = "try-me-and-change-me"
_SEAL = re.compile(r"\b(?:log|derivation) [0-9a-f]{64}\b")
"""What a proof ends with: the head of its log, and the hash of the derivation."""


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=_KEY) as running:
        yield running


pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None, reason="the guides' readers have curl; this machine has not"
)


def test_the_guides_of_a_first_afternoon_do_as_they_say(spotter: RunningSpotter, tmp_path: Path) -> None:
    for path in (Path("README.md"), *(_FOLDER / f"{name}.md" for name in _IN_ORDER)):
        does_as_it_says(path, spotter, tmp_path)


@pytest.mark.long
def test_every_guide_does_as_it_says(spotter: RunningSpotter, tmp_path: Path) -> None:
    for path in (Path("README.md"), *(_FOLDER / f"{name}.md" for name in _IN_ORDER + _OTHERS + _LONG)):
        does_as_it_says(path, spotter, tmp_path, seconds=500)


def does_as_it_says(path: Path, spotter: RunningSpotter, folder: Path, seconds: int = 120) -> None:
    guide = snippets(path.read_text(encoding="utf-8"))
    assert guide
    for snippet, printed in zip(guide, run(guide, folder, spotter.url, spotter.data_dir, seconds), strict=True):
        if snippet.shown is not None:
            kind, shown = snippet.shown
            assert settled(kind, printed) == settled(kind, shown), f"{path.name}, line {snippet.line}: {printed}"
            for seal in _SEAL.findall(shown):  # the same for everybody, unlike most of what `settled` blanks out
                assert seal in printed, f"{path.name}, line {snippet.line}: {printed}"


def test_they_are_read_in_this_order() -> None:
    index = (_FOLDER / "README.md").read_text(encoding="utf-8")
    places = [index.index(f"]({name}.md)") for name in _IN_ORDER]
    assert places == sorted(places)


def test_no_guide_with_commands_is_left_out() -> None:
    runnable = {file.stem for file in _FOLDER.glob("*.md") if "```shell" in file.read_text(encoding="utf-8")}
    assert runnable == {*_IN_ORDER, *_OTHERS, *_LONG}
