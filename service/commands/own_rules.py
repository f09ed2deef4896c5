"""Rule files named on the command line: a file, a folder, with the library's folders or none."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import click

from service.config import Settings
from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.assembling import assembled, joined, place_of
from service.engine.files.library import FOLDERS, Library, load_library
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.rules.drafts import Draft

_T = TypeVar("_T")
_LONGER: Final = re.compile(r"\.ya?ml\.txt$", re.IGNORECASE)
"""How some editors save a rule file."""


class OwnRules(NamedTuple):
    """Files (path below ``root`` to bytes), and the programme among them that was named or is the only one."""

    root: Path
    files: Mapping[str, bytes]
    programme: str | None
    file: str | None
    """The one file that was named, as a library would place it; None for a folder."""


def own_rules(path: Path) -> OwnRules:
    """What is at a path: the folder's rule files; for a file, those it may draw upon, which are its folder's."""
    root = path if path.is_dir() else path.parent.parent if path.parent.name in FOLDERS else path.parent
    folders = [root]
    if any((root / folder).is_dir() for folder in FOLDERS):  # a misspelt one beside them is not passed over either
        folders += [each for each in root.iterdir() if each.is_dir() and not each.name.startswith(".")]
    every = [each for folder in folders for each in sorted(folder.iterdir()) if each.is_file()]
    found = [each for each in every if each.suffix.lower() in (".yaml", ".yml") and not each.name.startswith(".")]
    _check_names(path, every, found)
    files = {each.relative_to(root).as_posix(): each.read_bytes() for each in sorted(found)}
    # Beside the folders, what is no rule file is somebody else's.
    files = {name: data for name, data in files.items() if "/" in place_of(name, data) or root / name == path}
    programmes = [name for name, data in files.items() if place_of(name, data).startswith("programmes/")]
    named = [path.relative_to(root).as_posix()] if path.is_file() else programmes
    only = named[0] if len(named) == 1 and named[0] in programmes else None
    file = place_of(named[0], files[named[0]]) if path.is_file() else None
    return OwnRules(root, files, None if only is None else Path(only).stem, file)


def _check_names(path: Path, every: Collection[Path], found: Collection[Path]) -> None:
    """Refuse a file that nobody would read: named here, or a rule file by what it holds, but not by its name.

    Hidden ones are an editor's or a system's unless they are named.
    """
    if path.is_file() and path not in found:
        name = path.name.lstrip(".").partition(".")[0] or "mine"
        raise click.UsageError(f"{path} is no rule file by its name: write it {name}.yaml.")
    for each in every if path.is_dir() else ():
        if _LONGER.search(each.name) and not each.name.startswith("."):
            better = _LONGER.sub(".yaml", each.name)
            if "/" in place_of(better, each.read_bytes()):
                raise RuleSetInvalid([RuleError(str(each), 1, 1, f"this is not read for its name: write it {better}.")])


def without_drafts(own: OwnRules, file: str, read: Callable[[Mapping[str, bytes]], _T]) -> _T:
    """What ``read`` makes of the files with one that is meant, others left out where they alone are wrong.

    ``file`` is the path of the one that is meant, below the root. Raises `RuleSetInvalid` with its own mistakes
    where it is wrong itself, with those of all where it needs one that is.
    """
    try:
        return read(own.files)
    except RuleSetInvalid as error:
        own_mistakes = [each for each in error.errors if each.file == file]
        if own_mistakes:
            raise RuleSetInvalid(own_mistakes) from None
        drafts = {each.file for each in error.errors}
        try:
            return read({name: data for name, data in own.files.items() if name not in drafts})
        except RuleSetInvalid:
            raise error from None


def chosen_rules(path: Path | None) -> Draft:
    """The rules at a path, over the library where they are not all of it; without one, the whole library.

    Raises `RuleSetInvalid`.
    """
    rules_dir = rules_folder()
    if path is None:
        library = load_library(rules_dir)
        return Draft(library, {place: str(rules_dir / place) for place in library.files})
    own = own_rules(path)
    if own.root.resolve() == rules_dir.resolve():
        library = load_library(own.root)
    elif not own.files:
        raise click.UsageError(f"{path} has no rule files.")
    else:
        beside = load_library(rules_dir)
        try:
            if path.is_file():
                named = path.relative_to(own.root).as_posix()
                library = without_drafts(own, named, lambda files: joined(files, beside))
            else:
                library = joined(own.files, beside)
        except RuleSetInvalid as error:
            raise rooted(error, own.root) from None
    files = {place_of(name, data): str(own.root / name) for name, data in own.files.items()}
    return Draft(library, files if own.file is None else {own.file: str(path)})


def rules_folder() -> Path:
    """The folder of the rules that `spotter run` would publish."""
    return Settings.from_environment(os.environ).rules_dir


def installed_library() -> Library:
    """The rules that `spotter run` would publish."""
    return load_library(rules_folder())


def named_rule_set(named: str, programme: str | None, library: Library) -> RuleSet:
    """The rule set of what was named: a programme file, a folder with one, or a programme of the library.

    ``programme`` says which, where a folder has several.
    """
    path = Path(named)
    if not path.exists():
        return assembled({}, programme or named, library)
    own = own_rules(path)
    chosen = programme or own.programme
    if chosen is None:
        raise click.UsageError(f"{named} names no programme: name its file, or add --programme with one of its own.")
    places = {place_of(name, data): name for name, data in own.files.items()}
    file = places.get(f"programmes/{chosen}.yaml", "")
    try:
        return without_drafts(own, file, lambda files: assembled(files, chosen, library))
    except RuleSetInvalid as error:
        raise rooted(error, own.root) from None


def rooted(error: RuleSetInvalid, root: Path) -> RuleSetInvalid:
    """The same mistakes, their files named from where the user stands."""
    return RuleSetInvalid([each._replace(file=str(root / each.file)) for each in error.errors])
