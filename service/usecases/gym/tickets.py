"""Tickets for streams: an EventSource, with which a page listens, can send no header and so neither key nor token."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.instants import SECOND, Instant
from service.store.lifter_tokens import Presented
from service.store.tickets import LIFETIME_S, Ticket
from service.usecases.gym.lifter_tokens import Bearer, find_token
from service.usecases.services import Services


class MadeTicket(NamedTuple):
    """A new ticket, and until when it can be used."""

    secret: str
    expires_at: Instant


def make_ticket(services: Services, bearer: Bearer) -> MadeTicket:
    """Make a ticket with which whoever asks can open a stream, once."""
    key, token = bearer
    presented = None if token is None else Presented(token.lifter, token.sha256)
    secret = services.tickets.add(Ticket(key.sha256, presented))
    return MadeTicket(secret, services.clock() + LIFETIME_S * SECOND)


def use_ticket(services: Services, secret: str) -> Bearer | None:
    """Who made a ticket, which nobody can use from now on; None where it is not known.

    Raises `KeyEnded` and `GymSuspended` where what it was made with ended meanwhile.
    """
    ticket = services.tickets.take(secret)
    if ticket is None:
        return None
    if ticket.token is not None:
        return find_token(services, ticket.token)
    key = services.keys.verify_hash(ticket.key_sha256)
    return None if key is None else Bearer(key, None)
