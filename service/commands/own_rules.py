"""Rule files named on the command line: a file, a folder, with the library's folders or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from service.config import Settings
from service.domain.errors import RuleSetInvalid
from service.engine.files.assembling import assembled, joined, place_of
from service.engine.files.library import FOLDERS, Library, load_library
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.rules.drafts import Draft


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
    found = [each for folder in folders for each in folder.iterdir() if each.suffix.lower() in (".yaml", ".yml")]
    if path.is_file() and path not in found:
        raise click.UsageError(f"{path} is no rule file: its name must end in .yaml.")
    files = {each.relative_to(root).as_posix(): each.read_bytes() for each in sorted(found)}
    # Beside the folders, what is no rule file is somebody else's.
    files = {name: data for name, data in files.items() if "/" in place_of(name, data) or root / name == path}
    programmes = [name for name, data in files.items() if place_of(name, data).startswith("programmes/")]
    named = [path.relative_to(root).as_posix()] if path.is_file() else programmes
    only = named[0] if len(named) == 1 and named[0] in programmes else None
    file = place_of(named[0], files[named[0]]) if path.is_file() else None
    return OwnRules(root, files, None if only is None else Path(only).stem, file)


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
        try:
            library = joined(own.files, load_library(rules_dir))
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
    try:
        return assembled(own.files, chosen, library)
    except RuleSetInvalid as error:
        raise rooted(error, own.root) from None


def rooted(error: RuleSetInvalid, root: Path) -> RuleSetInvalid:
    """The same mistakes, their files named from where the user stands."""
    return RuleSetInvalid([each._replace(file=str(root / each.file)) for each in error.errors])
