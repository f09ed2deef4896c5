"""A programme out of files of somebody's own; whatever they lack is taken from a library."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Final

from service.domain.errors import NotFound, RuleError, RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.suggestions import nearest

_KIND: Final = re.compile(rb"^(programme|catalogue|exercise|scheme|prescribe)[ \t]*:", re.MULTILINE)
_FOLDERS: Final = {
    b"programme": "programmes",
    b"exercise": "exercises",
    b"catalogue": "catalogue",
    b"scheme": "deload",
    b"prescribe": "progression",
}


def assembled(files: Mapping[str, bytes], programme: str, library: Library) -> RuleSet:
    """The rule set of a programme in ``files`` (path to bytes), or of one of the library that uses them.

    Raises `RuleSetInvalid` as `joined` does, and `NotFound` for a programme that neither has.
    """
    named = f"programmes/{programme}.yaml"
    if named in library.files and all(place_of(path, data) != named for path, data in files.items()):
        files = {**files, named: library.files[named]}  # read anew: what it uses may be in the files
    made = joined(files, library)
    if programme not in made.programmes:
        near = nearest(programme, made.programmes)
        listed = "" if near else f". There are {', '.join(made.programmes)}."
        raise NotFound(f"there is no programme {programme}{listed}", near)
    return made.rule_set(programme)


def joined(files: Mapping[str, bytes], library: Library) -> Library:
    """A library with ``files`` (path to bytes) added, or instead of its own where it has the same.

    A file beside the folders is put into the one that its keys tell. Raises `RuleSetInvalid` with the paths as given.
    """
    placed = _placed(files)
    try:
        return library_from_files({place: files[path] for place, path in placed.items()}, library)
    except RuleSetInvalid as error:
        raise RuleSetInvalid([each._replace(file=placed.get(each.file, each.file)) for each in error.errors]) from None


def place_of(path: str, data: bytes) -> str:
    """Where in a library a file belongs: where it is, or for one without a folder, where its keys put it."""
    if "/" in path:
        return path
    kinds = _KIND.findall(data.removeprefix(BOM_UTF8))
    if not kinds:
        return path
    return f"{_FOLDERS[b'prescribe' if b'prescribe' in kinds else kinds[0]]}/{path}"


def _placed(files: Mapping[str, bytes]) -> dict[str, str]:
    """The given paths by their places."""
    placed: dict[str, str] = {}
    for path, data in sorted(files.items()):
        place = place_of(path, data)
        if place in placed:
            raise RuleSetInvalid(
                [RuleError(path, 1, 1, f"it takes the same place as {placed[place]}: rename one of them.")]
            )
        placed[place] = path
    return placed
