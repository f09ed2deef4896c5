"""The machine's own Chromium, and somebody who walks through pages with it and looks closely at each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.support.running import PATIENCE_SECONDS

_CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

NEEDS_CHROMIUM: Final = pytest.mark.skipif(
    _CHROMIUM is None and os.environ.get("CI") != "true", reason="no Chromium on this machine"
)
"""Of tests that drive it: without one they are left out, but not by continuous integration."""

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESK: Final[ViewportSize] = {"width": 1440, "height": 900}
NARROW: Final[ViewportSize] = {"width": 320, "height": 640}
"""What WCAG 1.4.10 asks a page to fit into: 1,280 pixels at 400 %."""

_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE: Final = Axe()
_PARTS_OF_A_TIME: Final = 8
_MOVED: Final = """() => {
    const moved = window.focusedBefore !== document.activeElement
    window.focusedBefore = document.activeElement
    return moved
}"""
"""Whether another control has the focus than when this was asked last."""
_MOST_TABS: Final = 60

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that runs."""
    with sync_playwright() as playwright:
        # No sandbox: as root there is none, and what is shown is ours.
        made = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


class Walk:
    """A browser window at a Spotter; `wrong` is what went wrong in it: errors, and requests to other hosts."""

    def __init__(
        self, browser: Browser, url: str, *, size: ViewportSize = DESK, scripts: bool = True, **options: Any
    ) -> None:
        self.url = url
        self.scripts = scripts
        self.context = browser.new_context(
            viewport=size,
            java_script_enabled=scripts,
            **options,
        )
        self.context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self._expected = 0
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self._asked(request.url))

    def sign_in(self, key: str) -> None:
        """As whoever has a key does it."""
        self.page.goto(f"{self.url}/sign-in")
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()

    def to(self, path: str) -> Page:
        """Go to a path, and look whether its page holds."""
        self.page.goto(f"{self.url}{path}")
        self.holds()
        return self.page

    def holds(self) -> None:
        """Assert that nothing went wrong, and that nothing has to be scrolled sideways to be read."""
        assert self.wrong == []
        wide = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} is {wide[0]} pixels wide in a window of {wide[1]}"

    def is_for_everybody(self, *, colours_only: bool = False) -> None:
        """Assert that axe finds nothing against WCAG 2.2 AA."""
        rules = ["color-contrast"] if colours_only else _RULES
        found = _AXE.run(self.page, options={"runOnly": rules, "resultTypes": ["violations"]}).response["violations"]
        said = [(each["id"], node["html"][:160], node["failureSummary"]) for each in found for node in each["nodes"]]
        assert said == [], self.page.url

    def is_for_the_keyboard(self) -> None:
        """Assert that the first controls are reached by the tab key in their order, each with a mark that is seen."""
        reachable = self.page.evaluate(_REACHABLE)
        self.page.evaluate("document.activeElement.blur()")
        for expected in reachable[:_MOST_TABS]:
            for _ in range(_PARTS_OF_A_TIME):  # the key goes through the parts of a field for a time one by one
                self.page.keyboard.press("Tab")
                if self.page.evaluate(_MOVED):
                    break
            found = self.page.evaluate(_FOCUSED)
            assert found["what"] == expected, self.page.url
            assert found["outline"] != "none", found

    def tab_to(self, name: str) -> None:
        """Press the tab key until the control of a name has the focus."""
        for _ in range(200):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.name || document.activeElement.textContent") == name:
                return
        raise AssertionError(f"no control named {name} is reached")

    def grows(self) -> None:
        """Assert that the page can be read with letters of twice the size."""
        self.page.evaluate("document.documentElement.style.fontSize = '200%'")
        self.holds()
        self.page.evaluate("document.documentElement.style.fontSize = ''")

    def close(self) -> None:
        """Close the window; nothing went wrong in it."""
        self.context.close()
        assert self.wrong == []

    def _heard(self, message: Any) -> None:
        is_page = message.location.get("url") == self.page.url  # that it is refused is said on the page itself
        if message.type in ("error", "warning") and not is_page:
            self.wrong.append(message.text)

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.url).netloc:
            self.wrong.append(f"a request to {url}")


_NAME: Final = (
    "(each => each.tagName + ' ' + (each.getAttribute('href') || each.id || each.name || each.textContent.trim()))"
)
_REACHABLE: Final = (
    "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]"
    ".filter(each => each.tabIndex >= 0 && !each.disabled && each.checkVisibility()"
    f" && !(each.type === 'radio' && !each.checked)).map({_NAME})"
)
_FOCUSED: Final = (
    f"({{what: {_NAME}(document.activeElement), outline: getComputedStyle(document.activeElement).outlineStyle}})"
)
