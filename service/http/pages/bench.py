"""What lies on the workbench: files, and what they are to be tried with; all of it comes back, whatever happens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from werkzeug.datastructures import MultiDict

from service.domain.errors import InvalidInput, Problem
from service.engine.simulate.made_up_lifter import CHARACTERS
from service.http.pages.forms import whole_number
from service.http.schemas.drafts import files_of
from service.usecases.rules.simulate import MOST_FILES, OwnRules

MOST_WEEKS: Final = 52
TYPICAL: Final = "typical"
WEEKS: Final = 26
_PROGRAMME: Final = re.compile(r"^programme[ \t]*:[ \t]*([a-z0-9-]+)", re.MULTILINE)


class Bench(NamedTuple):
    """The form of the workbench.

    ``files`` are (path, text), as they were written; ``programme`` is the one to train by, ``base`` the published one
    that its file is a copy of. ``lifter`` is a kind of made-up lifter or, where ``real`` says something, that one.
    """

    files: tuple[tuple[str, str], ...]
    programme: str = ""
    base: str = ""
    lifter: str = TYPICAL
    real: str = ""
    weeks: str = str(WEEKS)
    add: str = ""

    @property
    def programmes(self) -> list[str]:
        """The programmes that are written here."""
        return [found[1] for _, text in self.files if (found := _PROGRAMME.search(text))]

    def texts(self) -> dict[str, str]:
        """The files by path; raises `InvalidInput` for names that cannot be, and for more than may be."""
        found = dict(self.files)
        if len(found) < len(self.files):
            raise InvalidInput(Problem("/files", "two files have the same name"))
        return files_of({"files": found})

    def rules(self) -> OwnRules:
        """The rules to train by; raises `InvalidInput` where no programme is chosen."""
        if not self.programme:
            raise InvalidInput(Problem("/programme", "choose one that uses what lies here, or lay one beside it"))
        return OwnRules(self.texts(), self.programme)

    def made_up(self) -> str:
        """The kind of made-up lifter."""
        return self.lifter if self.lifter in CHARACTERS else TYPICAL

    def weeks_of_training(self) -> int:
        """For how many weeks somebody trains; raises `InvalidInput`."""
        return whole_number("weeks", self.weeks, MOST_WEEKS)

    def with_files(self, more: Mapping[str, str]) -> Bench:
        """The bench with files added, those that lie there already as they are; the first programme is tried."""
        known = {path for path, _ in self.files}
        added = self._replace(files=(*self.files, *((path, text) for path, text in more.items() if path not in known)))
        written = added.programmes
        return added._replace(programme=written[0]) if written and added.programme not in written else added

    def without(self, number: str) -> Bench:
        """The bench without one of its files."""
        kept = (file for place, file in enumerate(self.files) if str(place) != number)
        return self._replace(files=tuple(kept))


def sent_bench(form: MultiDict[str, str]) -> Bench:
    """The workbench as its form came back."""
    texts = (text.replace("\r\n", "\n") for text in form.getlist("text"))
    files = tuple(zip(map(str.strip, form.getlist("path")), texts, strict=False))[:MOST_FILES]
    rest = {name: form[name].strip() for name in Bench._fields if name != "files" and name in form}
    return Bench(files, **rest)
