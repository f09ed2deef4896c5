"""`make screenshots`: the pictures of pages in docs/pictures, of the sample gym, whose clock stands still.

python -m tests.support.screenshots [FOLDER]
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, ViewportSize

from tests.support.chromium import PHONE, Walk, chromium
from tests.support.running import RunningSpotter

FOLDER: Final = Path(__file__).parents[2] / "docs/pictures"
_WIDE: Final[ViewportSize] = {"width": 1040, "height": 760}


class _Picture(NamedTuple):
    """What is on a picture: the page at a path, and from there on what its links are called, one after the other."""

    name: str
    path: str
    links: tuple[str, ...] = ()
    size: ViewportSize = _WIDE
    dark: bool = False


PICTURES: Final = (
    _Picture("card", "/lifters/lifter-a"),
    _Picture("proof", "/lifters/lifter-a", ("Proof of Deadlift",)),
    _Picture("track", "/lifters/lifter-b", ("squat-tier-1",), dark=True),
    _Picture("rules", "/rules/schemes/double-progression"),
    _Picture("lifters", "/lifters"),
    _Picture("card-on-a-phone", "/lifters/lifter-a", size=PHONE, dark=True),
    _Picture("track-on-a-phone", "/lifters/lifter-c", ("squat",), size=PHONE),
)


def take(browser: Browser, url: str, key: str, picture: _Picture, folder: Path) -> None:
    """Take a picture."""
    window = Walk(browser, url, size=picture.size, color_scheme="dark" if picture.dark else "light")
    window.sign_in(key)
    page = window.to(picture.path)
    for link in picture.links:
        page.get_by_role("link", name=link).first.click()
    page.wait_for_load_state()
    if page.locator(".chart").count():
        page.locator(".chart").focus()
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        page.evaluate("document.activeElement.blur()")
    page.screenshot(path=folder / f"{picture.name}.png", animations="disabled")
    window.close()


def main(folder: Path = FOLDER) -> None:
    """Make a sample gym, and take all pictures of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, RunningSpotter(Path(data)) as spotter, chromium() as browser:
        found = re.search(r"sk_\S+", spotter.command("gyms", "sample").stdout)
        if found is None:
            raise SystemExit("the sample gym was not made")
        for picture in PICTURES:
            take(browser, spotter.url, found[0], picture, folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
