"""Rule files that somebody is writing: checked over a library, their examples run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from service.domain.errors import RuleError
from service.engine.files.assembling import joined, place_of
from service.engine.files.library import Library
from service.engine.ruleset.examples import Example, ProgrammeExample
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.rule_coverage import AskedRule, Covered, coverage
from service.engine.simulate.rule_examples import Rehearsed, rehearse, rehearse_programme


class Draft(NamedTuple):
    """A library, and which of its files are meant: the paths by which they were given, by their places in it."""

    library: Library
    files: Mapping[str, str]

    @property
    def schemes(self) -> list[Scheme]:
        """The schemes that are meant."""
        return [scheme for scheme in self.library.schemes.values() if scheme.file in self.files]

    @property
    def exercises(self) -> list[str]:
        """The exercises that are meant."""
        lines = self.library.lines
        files = {
            name: lines[name].file if name in lines else f"exercises/{name}.yaml" for name in self.library.exercises
        }
        return [name for name, file in files.items() if file in self.files]

    @property
    def programmes(self) -> list[Programme]:
        """The programmes that are meant."""
        return [programme for programme in self.library.programmes.values() if programme.file in self.files]

    @property
    def doubts(self) -> list[RuleError]:
        """What in them is no mistake, but hardly meant."""
        return [doubt for programme in self.programmes for doubt in programme.doubts]

    @property
    def borrowed(self) -> set[str]:
        """The places of the library's files that these programmes use."""
        used = (self.library.rule_set(programme.id).files for programme in self.programmes)
        return {file for files in used for file in files} - self.files.keys()


class Tried(NamedTuple):
    """An example of a scheme or of a programme, and what came of it."""

    of: Scheme | Programme
    example: Example | ProgrammeExample
    came: Rehearsed


def drafted(files: Mapping[str, str], library: Library) -> Draft:
    """Files (path to text) over a library. Raises `RuleSetInvalid` with every mistake, at the paths as given."""
    written = {path: text.encode() for path, text in files.items()}
    return Draft(joined(written, library), {place_of(path, data): path for path, data in written.items()})


def run_examples(draft: Draft) -> Iterator[Tried]:
    """Run every example of the schemes and programmes that are meant."""
    for scheme in draft.schemes:
        for example in scheme.examples:
            yield Tried(scheme, example, rehearse(scheme, example, draft.library))
    for programme in draft.programmes:
        for shown in programme.examples:
            yield Tried(programme, shown, rehearse_programme(programme, shown, draft.library))


def coverage_of(draft: Draft, asked: set[AskedRule]) -> list[Covered]:
    """Every rule of the schemes that are meant, by what was asked in the examples that were run."""
    return coverage(draft.schemes, asked)
