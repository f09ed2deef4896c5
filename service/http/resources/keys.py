"""A gym's own API keys: what its admin sees of them and does with them. Another gym's key does not exist here."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from service.domain.api_keys import ApiKey
from service.domain.errors import InvalidInput, Problem
from service.domain.identifiers import KEY_ID
from service.domain.instants import SECOND, Instant, render
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.replies import place_of, reply, reply_page, time_or_none
from service.http.schemas.keys import NEW_KEY, ROTATION
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, PAGE, query
from service.http.strict_json import read
from service.usecases.gym import api_keys
from service.usecases.services import Services


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    def key_json(key: ApiKey, last_used_at: Instant | None = None) -> dict[str, Any]:
        return {
            "key_id": key.id,
            "name": key.name,
            "scopes": key.scopes,
            "status": key.status(services.clock()),
            "created_at": render(key.created_at),
            "expires_at": time_or_none(key.expires_at),
            "revoked_at": time_or_none(key.revoked_at),
            "last_used_at": time_or_none(last_used_at),
            "replaced_by": key.replaced_by,
            "rate_limit": key.rate_limit or services.settings.rate_limit,
        }

    @app.get("/v1/keys")
    def list_keys() -> Response:
        """The gym's keys, by id, those that ended included."""
        page = query(PAGE)
        after = place_of(page["after"]) if "after" in page else ""
        found, more = api_keys.list_keys(services, caller().gym, after=after, limit=page["limit"])
        return reply_page("keys", [key_json(*each) for each in found], found[-1].key.id if more else None)

    @app.post("/v1/keys")
    def create_key() -> Response:
        """Make a key; the reply is the only one that ever holds its secret."""
        query(NO_QUERY)
        made = api_keys.make_key_by(services, caller(), **loaded(NEW_KEY, read(json_body())))
        return _created({"secret": made.secret, "key": key_json(made.key)}, made.key)

    @app.get("/v1/keys/<key_id>")
    def get_key(key_id: str) -> Response:
        """A key of the gym."""
        query(NO_QUERY)
        return reply(key_json(*api_keys.find_key(services, _id(key_id), caller().gym)))

    @app.post("/v1/keys/<key_id>/revocation")
    def revoke_key(key_id: str) -> Response:
        """Revoke a key, once for ever; again, the same reply."""
        query(NO_QUERY)
        return reply(key_json(*api_keys.revoke_key(services, _id(key_id), caller().gym)))

    @app.post("/v1/keys/<key_id>/rotation")
    def rotate_key(key_id: str) -> Response:
        """Make a key in the place of another one, which stays valid for a while."""
        query(NO_QUERY)
        name = _id(key_id)
        wanted = loaded(ROTATION, read(json_body()))
        rotated = api_keys.rotate_key(
            services, name, caller().gym, grace=wanted["grace_s"] * SECOND, expires_at=wanted.get("expires_at")
        )
        document = {"secret": rotated.secret, "key": key_json(rotated.new), "replaces": key_json(rotated.old)}
        return _created(document, rotated.new)


def _created(document: dict[str, Any], key: ApiKey) -> Response:
    response = reply(document, 201)
    response.headers["Location"] = f"/v1/keys/{key.id}"
    return response


def _id(name: str) -> str:
    if not KEY_ID.fullmatch(name):
        raise InvalidInput(Problem("/key_id", "must be the id of a key: k_ and 16 hexadecimal digits"))
    return name
