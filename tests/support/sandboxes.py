"""Gyms whose clock stands still: what time alone makes of a log stays the same there, whatever day it is here."""

from uuid import uuid4

from service.domain.gyms import Gym, Sandbox
from service.domain.instants import parse
from service.usecases.services import Services


def sandbox_at(services: Services, now: str) -> str:
    """A new sandbox whose clock is set to a time."""
    name = f"sandbox-{uuid4().hex[:12]}"
    services.gyms.add(Gym(name))
    services.sandboxes.add(name, Sandbox(parse(now)))
    return name
