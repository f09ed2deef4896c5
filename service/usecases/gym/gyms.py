"""Gyms: making them, suspending them, removing them. Whoever runs Spotter does so; no key reaches beyond its gym."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from msgspec.structs import replace

from service.domain.api_keys import SCOPES
from service.domain.errors import Conflict, InvalidInput, NotFound, Problem
from service.domain.gyms import SANDBOX, Gym, Sandbox, may_be_sandbox
from service.usecases.gym.api_keys import Made, make_key
from service.usecases.services import Services


class Removed(NamedTuple):
    """How many keys and webhooks went with a gym."""

    keys: int
    webhooks: int


class Listed(NamedTuple):
    """A gym, how many valid keys it has and how many lifters; and the sandbox that it is, if it is one."""

    gym: Gym
    keys: int
    lifters: int
    sandbox: Sandbox | None = None


def list_gyms(services: Services) -> list[Listed]:
    """Every gym by id, those included that only their keys or lifters tell of."""
    now = services.clock()
    every_key = services.keys.all()
    active = Counter(key.gym for key in every_key if key.status(now) == "active")
    lifters = Counter(lifter.gym for lifter in services.log.lifters())
    records, sandboxes = services.gyms.all(), services.sandboxes.all()
    names = {*records, *(key.gym for key in every_key), *lifters}
    return [
        Listed(records.get(name) or Gym(name), active[name], lifters[name], sandboxes.get(name))
        for name in sorted(names)
    ]


def find_gym(services: Services, gym: str) -> Gym:
    """A gym. Raises `NotFound` for one that neither a record nor a key tells of."""
    found = services.gyms.find(gym)
    if found is None and not services.keys.of(gym):
        raise NotFound(f"there is no gym {gym!r}; `spotter gyms add` makes one")
    return found or Gym(gym)


def add_gym(services: Services, gym: str, name: str | None = None, *, sandbox: bool = False) -> Made:
    """Make a gym and its first key, which has every scope; a ``sandbox`` if it is to be one.

    Raises `Conflict` when there is such a gym, and `InvalidInput` for a sandbox called like none, or the reverse.
    """
    if may_be_sandbox(gym) != sandbox:
        raise InvalidInput(Problem("", f"the id of a sandbox, and of no other gym, begins with {SANDBOX!r}"))
    if sandbox and services.gyms.find(gym) is None:  # before the gym, which must never be there as an ordinary one
        services.sandboxes.add(gym, Sandbox(services.clock()))
    if not services.gyms.add(Gym(gym, name, services.clock())):
        raise Conflict(f"there is a gym {gym!r} already; `spotter keys add` makes further keys of it")
    return make_key(services, gym, SCOPES, name="first")


def suspend_gym(services: Services, gym: str) -> Gym:
    """Refuse every key of a gym, and tell its webhooks nothing, until it is resumed. Raises `NotFound`.

    Processes learn of it within five seconds.
    """
    found = find_gym(services, gym)
    if found.suspended_at is None:
        found = replace(found, suspended_at=services.clock())
        services.gyms.put(found)
    return found


def resume_gym(services: Services, gym: str) -> Gym:
    """Take the keys of a suspended gym again, and tell its webhooks what came meanwhile. Raises `NotFound`."""
    found = replace(find_gym(services, gym), suspended_at=None)
    services.gyms.put(found)
    return found


def remove_gym(services: Services, gym: str) -> Removed:
    """Forget a gym with its keys, webhooks and names, so that whoever is given its id later inherits none of them.

    Raises `NotFound`, and `Conflict` while it has lifters: each of them is erased or moved first, knowingly.
    """
    find_gym(services, gym)
    lifters = sum(lifter.gym == gym for lifter in services.log.lifters())
    if lifters:
        how = "reset it" if services.sandboxes.find(gym) else "export them if they go elsewhere, erase them"
        raise Conflict(f"the gym {gym!r} has {lifters} lifter(s): {how}, then remove it")
    keys = [key.id for key in services.keys.of(gym)]
    services.keys.forget(keys)
    webhooks = services.webhooks.of(gym)
    for webhook in webhooks:
        services.webhooks.remove(gym, webhook.id)
    services.sandboxes.remove(gym)
    services.gym_programmes.remove(gym)
    services.mapped_names.forget(gym)
    for task in services.long_tasks.of(gym):
        services.long_tasks.forget(gym, task)
    services.gyms.remove(gym)
    return Removed(len(keys), len(webhooks))
