"""Finding a rule set in the archive by the first digits of its digest."""

from __future__ import annotations

import re
from typing import Final

from service.domain.errors import InvalidInput, NotFound, Problem
from service.domain.identifiers import DIGEST
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.services import Services

_BEGINNING: Final = re.compile(r"[0-9a-f]{1,64}")


def may_begin_digest(named: str) -> bool:
    """Whether a name could be the first digits of a digest, or a whole one."""
    return _BEGINNING.fullmatch(named) is not None


def archived(services: Services, start: str, programme: str | None = None) -> RuleSet:
    """The one rule set ever published (of a programme) whose digest begins so; or any archived one by its whole digest.

    Raises `NotFound`, and `InvalidInput` where several begin so.
    """
    published = services.archive.published()
    programmes = [name for name in published if programme in (None, name)]
    known = {published[name] for name in programmes}.union(*map(services.archive.ever_published, programmes))
    found = sorted(digest for digest in known if digest.startswith(start))
    if len(found) > 1:
        raise InvalidInput(Problem("", f"{start!r} is the beginning of {len(found)} digests: give more of it"))
    if not found and DIGEST.fullmatch(start):
        found = [start]
    for digest in found:
        rule_set = services.rule_sets.get(digest)
        if programme in (None, rule_set.programme.id):
            return rule_set
    of_programme = "" if programme is None else f" of {programme!r}"
    shown = ", ".join(digest[:12] for digest in sorted(known))
    raise NotFound(f"no rule set{of_programme} has a digest that begins with {start!r}; published: {shown}")
