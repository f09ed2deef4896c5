"""The names of keys. All keys of a lifter carry its partition as hash tag, so one script may touch all of them."""

from __future__ import annotations

import hashlib
import re
from binascii import crc_hqx
from functools import lru_cache
from typing import Final

from service.domain.gyms import may_be_sandbox
from service.domain.identifiers import GYM_OR_LIFTER, LifterRef

PARTITIONS: Final = 64
GROUPS: Final = 8
"""Workers are woken for a group of partitions, the unit in which lifters are drained."""


@lru_cache(4096)
def partition(lifter: LifterRef) -> int:
    """The partition of a lifter, 0-63: Redis Cluster's CRC-16 of ``gym/lifter``."""
    return crc_hqx(f"{lifter.gym}/{lifter.lifter}".encode(), 0) % PARTITIONS


def group(lifter: LifterRef) -> int:
    """The group of a lifter's partition, 0-7."""
    return group_of(partition(lifter))


def group_of(partition_number: int) -> int:
    """The group of a partition."""
    return partition_number * GROUPS // PARTITIONS


def partitions_of(group_number: int) -> range:
    """The partitions of a group."""
    size = PARTITIONS // GROUPS
    return range(group_number * size, (group_number + 1) * size)


def log(lifter: LifterRef) -> str:
    """The stream of a lifter's events; the entry of version 7 is ``7-0``."""
    return _of_lifter("log", lifter)


def ids(lifter: LifterRef) -> str:
    """The hash from event id to version."""
    return _of_lifter("ids", lifter)


def head(lifter: LifterRef) -> str:
    """The hash of what an append must know: the newest instant so far, the pinned default rules, what warnings need."""
    return _of_lifter("head", lifter)


def state(lifter: LifterRef) -> str:
    """The hash of a lifter's projection."""
    return _of_lifter("state", lifter)


def ladder(lifter: LifterRef) -> str:
    """The hash of a lifter's older checkpoints."""
    return _of_lifter("ladder", lifter)


def told(lifter: LifterRef) -> str:
    """The hash of what was told of a lifter, by slot."""
    return _of_lifter("told", lifter)


def tokens(lifter: LifterRef) -> str:
    """The hash of a lifter's tokens, by id; there until the last of them has expired."""
    return _of_lifter("tokens", lifter)


def proof_links(lifter: LifterRef) -> str:
    """The hash of the links that show one proof of a lifter each, by id; there until the last of them has expired."""
    return _of_lifter("proof-links", lifter)


def importing(lifter: LifterRef) -> str:
    """How far an import of a lifter's log is; there while it is under way."""
    return _of_lifter("importing", lifter)


def dirty(partition_number: int) -> str:
    """The sorted set of lifters whose projection is behind, by the millisecond since when."""
    return f"{_tag(partition_number)}:dirty"


def due(partition_number: int) -> str:
    """The sorted set of lifters for whom time alone may change something, by the instant when it may."""
    return f"{_tag(partition_number)}:due"


def due_in_sandbox(partition_number: int) -> str:
    """The same of lifters of sandboxes, each by the clock of its own."""
    return f"{_tag(partition_number)}:due:sandbox"


def due_of(lifter: LifterRef) -> str:
    """That of the two in which a lifter is."""
    named = due_in_sandbox if may_be_sandbox(lifter.gym) else due
    return named(partition(lifter))


def outbox(partition_number: int) -> str:
    """The stream of a partition's changes that are on their way to the feeds of their gyms."""
    return f"{_tag(partition_number)}:outbox"


def unfeeding(partition_number: int) -> str:
    """The set of erased lifters whose changes may still stand in the feed of their gym."""
    return f"{_tag(partition_number)}:unfeeding"


def unwritten(partition_number: int) -> str:
    """The set of erased lifters, by pseudonym, of whom servers' files may still hold something."""
    return f"{_tag(partition_number)}:unwritten"


def parked(partition_number: int) -> str:
    """The set of lifters whose replay stopped at an event."""
    return f"{_tag(partition_number)}:parked"


def lifters(partition_number: int) -> str:
    """The set of all lifters with a log."""
    return f"{_tag(partition_number)}:lifters"


def erased(partition_number: int) -> str:
    """The hash of what remains of erased lifters, by pseudonym."""
    return f"{_tag(partition_number)}:erased"


def probe(partition_number: int) -> str:
    """What is written to see whether anything can be."""
    return f"{_tag(partition_number)}:probe"


def staging(lifter: LifterRef, token: str) -> tuple[str, str]:
    """The log and the ids of an import that is under way; ``token`` keeps it apart from any other."""
    tag = _tag(partition(lifter))
    return f"{tag}:staged-log:{token}", f"{tag}:staged-ids:{token}"


def of_lifter(lifter: LifterRef) -> list[str]:
    """Every key that holds something of a lifter and of nobody else."""
    return [*lasting(lifter), tokens(lifter), proof_links(lifter), importing(lifter)]


def lasting(lifter: LifterRef) -> list[str]:
    """Those of them that no server may remove by itself."""
    return [log(lifter), ids(lifter), head(lifter), state(lifter), ladder(lifter), told(lifter)]


def feed(gym: str) -> str:
    """The stream of a gym's changes; the entry of change 7 is ``7-0``."""
    return f"{{gym:{gym}}}:changes"


def feed_ends(gym: str) -> str:
    """The hash of a feed's ends: its newest change, up to where it was trimmed, what it has of each outbox and run."""
    return f"{{gym:{gym}}}:changes:ends"


def feed_texts(gym: str) -> str:
    """The hash of a gym's changes, by number: of what a hash held nothing is left, of what a stream held much is."""
    return f"{{gym:{gym}}}:changes:texts"


def unfed(gym: str) -> str:
    """The set of erased lifters, by pseudonym, of whom a feed takes nothing any more."""
    return f"{{gym:{gym}}}:changes:erased"


def idempotency(gym: str, key: str) -> str:
    """What became of the request that a gym sent under an idempotency key, which may be any text."""
    return f"answers:{gym}:{hashlib.sha256(key.encode()).hexdigest()}"


def idempotency_index(gym: str) -> str:
    """The sorted set of the names of what is kept of a gym's requests, by the second at which it ends."""
    return f"answers:{gym}"


def ticket(sha256: str) -> str:
    """Who made the ticket with that hash; there until it is used, or too old for that."""
    return f"ticket:{sha256}"


def webhooks(gym: str) -> str:
    """The hash of a gym's webhooks, by id."""
    return f"{{gym:{gym}}}:webhooks"


def programmes(gym: str) -> str:
    """The hash of a gym's own programmes, by id."""
    return f"{{gym:{gym}}}:programmes"


def gym_rule_sets(gym: str) -> str:
    """The set of digests of rule sets that a gym published, or that came with its lifters."""
    return f"{{gym:{gym}}}:rule-sets"


def exercise_names(gym: str) -> str:
    """The hash from what other apps call exercises to what that means to a gym."""
    return f"{{gym:{gym}}}:exercise-names"


def tasks(gym: str) -> str:
    """The hash of a gym's tasks that take long, by id."""
    return f"{{gym:{gym}}}:tasks"


def task_rules(gym: str, task: str) -> str:
    """The rules that only one task needs; there until it ends, or is forgotten."""
    return f"{{gym:{gym}}}:task:{task}:rules"


def task_lifters(gym: str, task: str) -> str:
    """The sorted set of what a task found of each lifter, without scores: the name, a NUL, and what was found."""
    return f"{{gym:{gym}}}:task:{task}:lifters"


def task_lease(gym: str, task: str) -> str:
    """Whoever works on a task just now."""
    return f"{{gym:{gym}}}:task:{task}:lease"


def webhook_place(gym: str, webhook: str) -> str:
    """The hash that says how far a webhook has been told, and how that goes."""
    return f"{{gym:{gym}}}:webhook:{webhook}"


def reset_lease(gym: str) -> str:
    """Whoever takes the lifters of a sandbox away just now."""
    return f"{{gym:{gym}}}:reset:lease"


def webhook_lease(gym: str, webhook: str) -> str:
    """Whoever delivers to a webhook just now."""
    return f"{{gym:{gym}}}:webhook:{webhook}:lease"


def dead_letters(gym: str, webhook: str) -> str:
    """The hash of the messages that could not be delivered to a webhook, by id."""
    return f"{{gym:{gym}}}:webhook:{webhook}:dead"


def webhook_attempts(gym: str, webhook: str) -> str:
    """The list of the newest attempts to deliver to a webhook, the newest first."""
    return f"{{gym:{gym}}}:webhook:{webhook}:attempts"


def sent_again(gym: str, webhook: str) -> str:
    """The set of dead letters that are to be tried once more."""
    return f"{{gym:{gym}}}:webhook:{webhook}:again"


def browser_session(sha256: str) -> str:
    """The SHA-256 of the API key that a browser signed in with; gone when the session is over."""
    return f"browser:session:{sha256}"


def sign_in_link(sha256: str) -> str:
    """The SHA-256 of the API key that a link signs in with, once; gone when it was used or is too old."""
    return f"browser:link:{sha256}"


def member(lifter: LifterRef) -> str:
    """How the sets above name a lifter; neither id can hold a colon."""
    return f"{lifter.gym}:{lifter.lifter}"


def lifter_of(name: bytes) -> LifterRef:
    """The lifter that `member` named."""
    gym, _, lifter = name.decode().partition(":")
    return LifterRef(gym, lifter)


def is_member(name: bytes) -> bool:
    """Whether a name can be that of a lifter in the sets above."""
    return _MEMBER.fullmatch(name) is not None


def owner_of(key: bytes) -> LifterRef | None:
    """Whose a key is by its name, wherever it lies; None for a key of no one lifter."""
    found = _OWN.fullmatch(key)
    return None if found is None else lifter_of(found[1])


def partitions_own(partition_number: int) -> list[str]:
    """What a partition has of no one lifter, for ever."""
    names = [lifters(partition_number), erased(partition_number), dirty(partition_number), due(partition_number)]
    return [*names, due_in_sandbox(partition_number)]


EVERY_LIFTERS: Final = "{p??}:*:*:*"
"""The pattern that every key of a lifter fits."""

_MEMBER: Final = re.compile(f"{GYM_OR_LIFTER.pattern}:{GYM_OR_LIFTER.pattern}".encode())
_OWN: Final = re.compile(rb"\{p\d\d\}:(?:log|ids|head|state|ladder|told):(" + _MEMBER.pattern + rb")")

API_KEYS: Final = "keys"
"""The hash from the id of an API key to its SHA-256 and what it may do."""

API_KEYS_USED: Final = "keys:used"
"""The hash from the id of an API key to the instant at which it was last seen in use."""

BROWSER_SIGNING: Final = "browser:signing"
"""What browsers' cookies are signed with."""

GYMS: Final = "gyms"
"""The hash from the id of a gym to what is known of it."""

SANDBOXES: Final = "gyms:sandboxes"
"""The hash from the id of a gym that is a sandbox to where its clock stands."""

ERASURES_FOLLOWED_UP: Final = "erasures:followed-up"
"""Is there once lifters whom 0.1.0 erased, which did not note whom files still hold, count as erased by today's."""

TOLD_GYMS: Final = "gyms:told"
"""The set of gyms that have webhooks."""

OPEN_TASKS: Final = "tasks:open"
"""The set of tasks that are to be worked on, ``gym:task``."""

PUBLISHED: Final = "rules:published"
"""The hash from programme to the digest of its newest published rule set."""

LIBRARY: Final = "rules:library"
"""The hash of the newest published library: its digest and its files."""


RESTORING: Final = "restoring"
"""The SHA-256 of the backup that is being restored here; there only until all of it is."""


def ever_published(programme: str) -> str:
    """The set of digests of a programme's rule sets that were published at any time."""
    return f"{PUBLISHED}:{programme}"


def publications(programme: str) -> str:
    """The list of when which of a programme's rule sets became the newest, oldest first."""
    return f"{PUBLISHED}:{programme}:since"


def rule_set(digest: str) -> str:
    """The archived files of a rule set."""
    return f"rules:{digest}"


def _of_lifter(kind: str, lifter: LifterRef) -> str:
    return f"{_tag(partition(lifter))}:{kind}:{lifter.gym}:{lifter.lifter}"


def _tag(partition_number: int) -> str:
    return f"{{p{partition_number:02d}}}"
