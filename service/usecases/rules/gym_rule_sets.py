"""The rule sets that a gym may see and assign: those of the library, and its own.

Rule sets of all gyms lie in one archive, by digest. Another gym's are answered here as what is not there at all.
"""

from __future__ import annotations

from service.domain.errors import NotFound
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.log.check_assignment import ProgrammeArchived
from service.usecases.services import Services


class GymRuleSets:
    """The rule sets that a gym may see; without a gym, those of the library."""

    def __init__(self, services: Services, gym: str | None) -> None:
        self._services = services
        self._gym = gym

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest; `NotFound` also where it is another gym's."""
        rule_set = self._services.rule_sets.get(digest)
        if not (self._is_published(rule_set) or self._is_own(digest)):
            raise NotFound(f"no rule set with digest {digest} is in the archive")
        return rule_set

    def newest(self, programme: str) -> str | None:
        """The newest digest of a programme, the gym's own first; None where there is none, or it was archived."""
        own = None if self._gym is None else self._services.gym_programmes.find(self._gym, programme)
        if own is None:
            return self._services.rule_sets.newest(programme)
        return None if own.archived_at is not None else own.digest

    def published(self) -> dict[str, str]:
        """The newest digest of every programme that may be assigned."""
        found = dict(self._services.rule_sets.published())
        own = {} if self._gym is None else self._services.gym_programmes.of(self._gym)
        for programme in own.values():
            found.pop(programme.id, None)
            if programme.archived_at is None:
                found[programme.id] = programme.digest
        return found

    def _is_published(self, rule_set: RuleSet) -> bool:
        """Whether the library published it at any time."""
        programme = rule_set.programme.id
        archive = self._services.archive
        newest = self._services.rule_sets.newest(programme) == rule_set.digest
        return newest or rule_set.digest in archive.ever_published(programme)

    def _is_own(self, digest: str) -> bool:
        return self._gym is not None and self._services.gym_programmes.has(self._gym, digest)


class AssignableRuleSets(GymRuleSets):
    """Those of them that may be assigned: of an archived programme no version is."""

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest; `NotFound`, and `ProgrammeArchived`."""
        rule_set = super().get(digest)
        programme = rule_set.programme.id
        own = None if self._gym is None else self._services.gym_programmes.find(self._gym, programme)
        if own is not None and own.archived_at is not None and own.has(digest):
            raise ProgrammeArchived(f"is of the programme {programme!r}, which was archived: nobody is assigned it")
        return rule_set
