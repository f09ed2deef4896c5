"""Loading rule files: a library of exercises, schemes and programmes, and the rule set of a programme out of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeAlias, TypeVar

from service.domain.errors import NotFound, RuleError, RuleSetInvalid
from service.domain.exercises import Exercise
from service.engine.files.catalogue_files import CatalogueFile, catalogue_from
from service.engine.files.exercise_files import exercise_from
from service.engine.files.programme_files import ProgrammeReader
from service.engine.files.scheme_files import scheme_from
from service.engine.files.yaml_tree import Entries, Node, Problems, read
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.triggers import Role

_KINDS = {
    "scheme": ("progression", "deload"),
    "programme": ("programmes",),
    "exercise": ("exercises",),
    "catalogue": ("catalogue",),
}
"""The folders of a kind of file, by the key that names it."""
_YAML = (".yaml", ".yml")
"""What a coach takes for a rule file; one in the wrong place or with the wrong ending is not passed over."""

FOLDERS = ("catalogue", "exercises", "progression", "deload", "programmes")
_NAMED = re.compile(rb"^ +([a-z0-9-]+):", re.MULTILINE)
"""The exercises that a catalogue file seems to have, when it cannot be read."""
_ALONE = frozenset({"catalogue", "exercises", "progression", "deload"})
"""The folders whose files can be checked without any other."""
_ROLES: Mapping[str, Role] = {"progression": "progression", "deload": "deload"}


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that a folder of rule files holds, checked; ``files`` are their bytes by path within the folder."""

    exercises: Mapping[str, Exercise]
    schemes: Mapping[str, Scheme]
    programmes: Mapping[str, Programme]
    files: Mapping[str, bytes]
    lines: Mapping[str, CatalogueFile] = field(default_factory=dict)
    """The exercises that are lines of a catalogue file, and of which; the others have files of their own."""

    def rule_set(self, programme_id: str) -> RuleSet:
        """A programme with every file that it uses; one for any exercise uses the whole catalogue. NotFound."""
        programme = self.programmes.get(programme_id)
        if programme is None:
            raise NotFound(f"there is no programme {programme_id!r}")
        schemes = {name: self.schemes[name] for name in programme.schemes}
        used = self.exercises if programme.any else {slot.exercise for slot in programme.slots}
        exercises = {name: exercise for name, exercise in self.exercises.items() if name in used}
        paths = [programme.file, *(scheme.file for scheme in schemes.values())]
        files = {**{path: self.files[path] for path in paths}, **self._exercise_files(exercises)}
        return RuleSet(digest_of(files), programme, schemes, exercises, dict(sorted(files.items())))

    def text_of_exercise(self, exercise: str) -> tuple[str, bytes]:
        """Where an exercise of the library stands, and what is written of it there. KeyError."""
        ((path, data),) = self._exercise_files([exercise]).items()
        return path, data

    def _exercise_files(self, used: Collection[str]) -> dict[str, bytes]:
        """The files of exercises: whole where they are about one, else the lines that are used."""
        files: dict[str, bytes] = {}
        lines: dict[str, set[str]] = {}
        for name in used:
            if name in self.lines:
                lines.setdefault(self.lines[name].file, set()).add(name)
            else:
                files[f"exercises/{name}.yaml"] = self.files[f"exercises/{name}.yaml"]
        for path, names in lines.items():
            files[path] = self.lines[min(names)].part(self.files[path], names)
        return files


def load_library(root: Path) -> Library:
    """Read and check the rule files of a folder. RuleSetInvalid, naming files with the folder before them."""
    try:
        files = _files_of(root)
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}."
        raise RuleSetInvalid([RuleError(str(error.filename or root), 1, 1, why)]) from None
    if not files:
        raise RuleSetInvalid([RuleError(str(root), 1, 1, f"there are no rule files in its {', '.join(FOLDERS)}.")])
    try:
        return library_from_files(files)
    except RuleSetInvalid as error:
        raise RuleSetInvalid([each._replace(file=str(root / each.file)) for each in error.errors]) from None


def _files_of(root: Path) -> dict[str, bytes]:
    return {
        f"{folder.name}/{path.name}": path.read_bytes()
        for folder in sorted(root.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _YAML and not path.name.startswith(".")
    }


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


@cache
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
                if "/" not in path and path.endswith(".yaml"):
                    begins = f"programme: {path.removesuffix('.yaml')}"
                    message += f" Elsewhere its first line says what it is, as in `{begins}`."
                self._errors.append(RuleError(path, 1, 1, message))
                del self._files[path]
        beside = self._kept()
        lines = self._lines()
        own = self._each("exercises", exercise_from)
        exercises = {**beside.exercises, **{name: file.exercises[name] for name, file in lines.items()}, **own}
        lines = {name: file for name, file in {**beside.lines, **lines}.items() if name not in own}
        schemes: dict[str, Scheme] = {}
        for folder, role in _ROLES.items():
            for name, scheme in self._each(folder, _scheme_reader(role)).items():
                if name in schemes:
                    message = f"there is a scheme {name} in {schemes[name].file} too; rename one of them."
                    self._errors.append(RuleError(scheme.file, 1, 1, message))
                schemes[name] = scheme
        schemes = {**beside.schemes, **schemes}
        files = _alone(self._beside.files), _alone(self._files)
        beneath = _Beneath(files, schemes, exercises, frozenset(self._broken))
        programmes = self._each("programmes", beneath)
        if self._errors:
            raise RuleSetInvalid(sorted(self._errors))
        programmes = {**beside.programmes, **programmes}
        return Library(dict(sorted(exercises.items())), schemes, programmes, {**beside.files, **self._files}, lines)

    def _kept(self) -> Library:
        """What is beside, without the exercises of a catalogue file that is given anew."""
        beside = self._beside
        gone = {name for name, file in beside.lines.items() if file.file in self._files}
        exercises = {name: exercise for name, exercise in beside.exercises.items() if name not in gone}
        lines = {name: file for name, file in beside.lines.items() if name not in gone}
        return Library(exercises, beside.schemes, beside.programmes, beside.files, lines)

    def _lines(self) -> dict[str, CatalogueFile]:
        """The exercises of the catalogue files, of which no two may have the same, and where each is."""
        lines: dict[str, CatalogueFile] = {}
        for file in self._each("catalogue", catalogue_from).values():
            for name in file.exercises:
                if name in lines:
                    message = f"there is an exercise {name} in {lines[name].file} too; keep one of them."
                    self._errors.append(RuleError(file.file, *file.places[name], message))
                lines[name] = file
        for path in self._files.keys() & {error.file for error in self._errors}:
            self._broken |= {name.decode() for name in _NAMED.findall(self._files[path])}
        return lines

    def _each(self, folder: str, take: _Reader[_T]) -> dict[str, _T]:
        """What the files of a folder hold, by their names without ending; ``take`` is a part of what is remembered."""
        taken: dict[str, _T] = {}
        for path, data in self._files.items():
            if not path.startswith(f"{folder}/"):
                continue
            made, errors = _taken(take, path, data)
            name = path.rpartition("/")[2].removesuffix(".yaml")
            if made is None:
                self._broken.add(name)
                self._errors += errors
            else:
                taken[name] = made
        return taken


def _belongs_elsewhere(path: str, node: Node) -> RuleError | None:
    """A file that is of another kind than its folder's: said once, instead of every key that does not fit."""
    if not isinstance(node, Entries):
        return None
    folder, keys = path.partition("/")[0], {key.text: key for key, _ in node.values}
    for kind, folders in _KINDS.items():
        if kind in keys and folder not in folders:
            at = keys[kind].at
            where = " or ".join(f"{each}/" for each in folders)
            return RuleError(path, at.line, at.column, f"this file is a {kind} by its key; it belongs into {where}.")
    return None


@dataclass(frozen=True, slots=True)
class _Beneath:
    """What programmes are read over: the same when ``files``, the digests of what it was made of, are the same."""

    files: tuple[str, str]
    schemes: Mapping[str, Scheme] = field(compare=False)
    exercises: Mapping[str, Exercise] = field(compare=False)
    broken: frozenset[str] = field(compare=False)

    def __call__(self, file: str, node: Node, problems: Problems) -> Programme | None:
        """Check a programme."""
        return ProgrammeReader(self.schemes, self.exercises, self.broken).read(file, node, problems)


def _alone(files: Mapping[str, bytes]) -> str:
    """The digest of what programmes are read over."""
    return digest_of({path: data for path, data in files.items() if path.partition("/")[0] in _ALONE})


@lru_cache(maxsize=512)
def _taken(take: _Reader[_T], path: str, data: bytes) -> tuple[_T | None, tuple[RuleError, ...]]:
    """What a file holds, or its mistakes. Each is read once a process, however many libraries it is in."""
    problems = Problems(path)
    node = read(data, problems)
    elsewhere = None if node is None else _belongs_elsewhere(path, node)
    if elsewhere is not None:
        return None, (elsewhere,)
    made = None if node is None else take(path, node, problems)
    return None if problems.errors else made, tuple(problems.errors)
