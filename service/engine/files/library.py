"""Loading rule files: a library of exercises, schemes and programmes, and the rule set of a programme out of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from service.domain.errors import NotFound, RuleError, RuleSetInvalid
from service.domain.exercises import Exercise
from service.engine.files.exercise_files import exercise_from
from service.engine.files.programmes import ProgrammeReader
from service.engine.files.reading import Node, Problems, read
from service.engine.files.schemes import scheme_from
from service.engine.language.scopes import suggestion
from service.engine.model import Programme, Role, RuleSet, Scheme

_YAML = (".yaml", ".yml")
"""What a coach takes for a rule file; one in the wrong place or with the wrong ending is not passed over."""

FOLDERS = ("exercises", "progression", "deload", "programmes")
_ROLES: Mapping[str, Role] = {"progression": "progression", "deload": "deload"}


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that a folder of rule files holds, checked; ``files`` are their bytes by path within the folder."""

    exercises: Mapping[str, Exercise]
    schemes: Mapping[str, Scheme]
    programmes: Mapping[str, Programme]
    files: Mapping[str, bytes]

    def rule_set(self, programme_id: str) -> RuleSet:
        """A programme with every file that it uses; one for any exercise uses the whole catalogue. NotFound."""
        programme = self.programmes.get(programme_id)
        if programme is None:
            raise NotFound(f"there is no programme {programme_id!r}")
        slots = [*programme.any, *(slot for day in programme.days for slot in day.slots)]
        schemes = {use.scheme: self.schemes[use.scheme] for slot in slots for use in (slot.progression, *slot.deloads)}
        used = self.exercises if programme.any else {slot.exercise for slot in slots}
        exercises = {name: exercise for name, exercise in self.exercises.items() if name in used}
        paths = [
            programme.file,
            *(scheme.file for scheme in schemes.values()),
            *(f"exercises/{name}.yaml" for name in exercises),
        ]
        files = {path: self.files[path] for path in sorted(paths)}
        return RuleSet(digest_of(files), programme, schemes, exercises, files)


def load_library(root: Path) -> Library:
    """Read and check the rule files of a folder. RuleSetInvalid, naming files with the folder before them."""
    files = {
        f"{folder.name}/{path.name}": path.read_bytes()
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _YAML and not path.name.startswith(".")
    }
    if not files:
        raise RuleSetInvalid([RuleError(str(root), 1, 1, f"there are no rule files in its {', '.join(FOLDERS)}.")])
    try:
        return library_from_files(files)
    except RuleSetInvalid as error:
        raise RuleSetInvalid([each._replace(file=str(root / each.file)) for each in error.errors]) from None


def library_from_files(files: Mapping[str, bytes], beside: Library | None = None) -> Library:
    """Check rule files given by their paths, such as ``deload/stall.yaml``. RuleSetInvalid with all mistakes found.

    They may name what a library ``beside`` them has; what both have is theirs. Only the given files are read.
    """
    return _Loader(files, beside or Library({}, {}, {}, {})).library()


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the files in order of their paths: each path and content led by its length in eight bytes."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


_T = TypeVar("_T")
_Reader: TypeAlias = Callable[[str, Node, Problems], _T | None]


def _scheme_reader(role: Role) -> _Reader[Scheme]:
    return lambda file, node, problems: scheme_from(file, role, node, problems)


class _Loader:
    """Reads file after file and gathers the mistakes of all."""

    def __init__(self, files: Mapping[str, bytes], beside: Library) -> None:
        self._files = dict(sorted(files.items()))
        self._beside = beside
        self._errors: list[RuleError] = []
        self._broken: set[str] = set()

    def library(self) -> Library:
        """Check every file; whatever cannot be placed is a mistake too."""
        for path in list(self._files):
            folder = path.partition("/")[0]
            if folder not in FOLDERS or path.count("/") != 1 or not path.endswith(".yaml"):
                hint = suggestion(folder, FOLDERS) if folder not in FOLDERS else " Rename it."
                message = f"a rule file is a .yaml file in {', '.join(FOLDERS)}.{hint}"
                self._errors.append(RuleError(path, 1, 1, message))
                del self._files[path]
        beside = self._beside
        exercises = {**beside.exercises, **self._each("exercises", exercise_from)}
        schemes: dict[str, Scheme] = {}
        for folder, role in _ROLES.items():
            for name, scheme in self._each(folder, _scheme_reader(role)).items():
                if name in schemes:
                    message = f"there is a scheme {name} in {schemes[name].file} too; rename one of them."
                    self._errors.append(RuleError(scheme.file, 1, 1, message))
                schemes[name] = scheme
        schemes = {**beside.schemes, **schemes}
        programmes = self._each("programmes", ProgrammeReader(schemes, exercises, frozenset(self._broken)).read)
        if self._errors:
            raise RuleSetInvalid(sorted(self._errors))
        return Library(exercises, schemes, {**beside.programmes, **programmes}, {**beside.files, **self._files})

    def _each(self, folder: str, take: _Reader[_T]) -> dict[str, _T]:
        """What the files of a folder hold, by their names without ending."""
        taken: dict[str, _T] = {}
        for path, data in self._files.items():
            if not path.startswith(f"{folder}/"):
                continue
            problems = Problems(path)
            node = read(data, problems)
            made = None if node is None else take(path, node, problems)
            name = path.rpartition("/")[2].removesuffix(".yaml")
            if problems.errors or made is None:
                self._broken.add(name)
                self._errors += problems.errors
            else:
                taken[name] = made
        return taken
