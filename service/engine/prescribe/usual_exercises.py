"""Which exercises somebody without a programme is likely to train next: those of the kind of session that is due.

A kind is told by what is trained: sessions are alike when at least half of all the exercises of both are in both. Only
sessions are counted, never days: who comes back after a month finds the list as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from service.engine.replay.habit import SESSIONS_LISTED


def usual_exercises(sessions_of: Mapping[str, Iterable[int]]) -> frozenset[str]:
    """Of exercises, each with the numbers of the sessions that had it, those that are usual in the session to come.

    What followed the last session like the newest one is likely to follow again; of that kind of session, the
    exercises that at least half have. Where nothing like it was ever done, all exercises of the latest sessions. Never
    empty unless nothing was ever trained.
    """
    newest = max((number for numbers in sessions_of.values() for number in numbers), default=0)
    sessions: dict[int, set[str]] = {}
    for exercise, numbers in sessions_of.items():
        for number in numbers:
            if number > newest - SESSIONS_LISTED:
                sessions.setdefault(number, set()).add(exercise)
    latest = [sessions[number] for number in sorted(sessions)]
    following = [after for before, after in pairwise(latest) if _are_alike(before, latest[-1])]
    if not following:
        return frozenset[str]().union(*latest)
    kind = [each for each in latest if _are_alike(each, following[-1])]
    usual = {exercise for each in kind for exercise in each if 2 * sum(exercise in one for one in kind) >= len(kind)}
    return frozenset(usual or following[-1])


def _are_alike(one: set[str], other: set[str]) -> bool:
    return 2 * len(one & other) >= len(one | other)
