"""Rule sets ready for use, made once per process from the archive."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Final

from service.domain.errors import NeedsNewerSpotter, NotFound, RuleSetInvalid, Unavailable
from service.domain.instants import Instant
from service.engine.files.library import Library, library_from_files
from service.engine.ruleset.known_exercises import KnownExercises
from service.engine.ruleset.rule_set import RuleSet
from service.store.archive import RuleSetArchive

DEFAULT_PROGRAMME: Final = "default"
"""The programme of lifters who were assigned none."""

_MOST_MADE: Final = 1024
"""Rule sets that a process keeps ready; gyms may publish as many as they like."""

_BELIEVED_FOR: Final = 5.0
"""Seconds after which a process asks again which rule sets are the newest."""


class RuleSets:
    """The archived rule sets by digest, and which of them are the newest."""

    def __init__(self, archive: RuleSetArchive) -> None:
        self._archive = archive
        self._made: dict[str, RuleSet] = {}
        self._published: dict[str, str] = {}
        self._until = 0.0
        self._library: tuple[str, Library] | None = None
        self._known: tuple[str, KnownExercises] | None = None

    def __getitem__(self, digest: str) -> RuleSet:
        """The rule set of a digest; ``KeyError`` where nothing of that digest was ever archived.

        Raises `NeedsNewerSpotter` for one that does not check here.
        """
        made = self._made.get(digest)
        if made is None:
            files = self._archive.get(digest)
            if files is None:
                raise KeyError(digest)
            library = _checked(digest, files)
            if len(self._made) >= _MOST_MADE:
                self._made.clear()
            (programme,) = library.programmes
            made = self._made[digest] = library.rule_set(programme)
        return made

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest; `NotFound` where nothing of that digest was ever archived."""
        try:
            return self[digest]
        except KeyError:
            raise NotFound(f"no rule set with digest {digest} is in the archive") from None

    def newest(self, programme: str) -> str | None:
        """The digest of the newest published rule set of a programme; None where it was never published."""
        return self.published().get(programme)

    def newest_at(self, programme: str) -> Callable[[Instant], str | None]:
        """What was the newest of a programme at an instant: the first one before there was any.

        It is asked for anew each time: what is said of an instant that has passed never changes.
        """
        publications = self._archive.publications(programme)

        def at(instant: Instant) -> str | None:
            place = bisect_right(publications, instant, key=lambda each: each.at)
            return publications[max(place - 1, 0)].digest if publications else self.newest(programme)

        return at

    def published(self) -> dict[str, str]:
        """The newest published digest of every programme, as of a few seconds ago at most."""
        if time.monotonic() >= self._until:
            self._published = self._archive.published()
            self._until = time.monotonic() + _BELIEVED_FOR
        return self._published

    def known_exercises(self, default_digest: str) -> KnownExercises:
        """The published catalogue: the rules for any exercise, those of the default programme, hold all of it.

        Where a newer Spotter has published one that this one cannot read, the one before, if it was ever asked for.
        """
        if self._known is None or self._known[0] != default_digest:
            try:
                self._known = default_digest, KnownExercises(self.get(default_digest).exercises)
            except NeedsNewerSpotter:
                if self._known is None:
                    raise
        return self._known[1]

    def library(self) -> Library:
        """Everything that the rule files held when they were last published, used by a programme or not.

        Raises `Unavailable` before they ever were.
        """
        digest = self._archive.library_digest()
        if digest is None:
            raise Unavailable("no rules are published yet; `spotter run` does so when it starts")
        if self._library is None or self._library[0] != digest:
            self._library = (digest, _checked(digest, self._archive.library()))
        return self._library[1]


def _checked(digest: str, files: Mapping[str, bytes]) -> Library:
    """What files hold that did check where they were stored. Raises `NeedsNewerSpotter`."""
    try:
        return library_from_files(files)
    except RuleSetInvalid as error:
        why = f"the rules {digest} do not check with this version of Spotter, which may be too old for them"
        raise NeedsNewerSpotter(why, inside=str(error)) from error
