"""Tokens of a lifter: what a gym's own server makes of its key for an app."""

from __future__ import annotations

import re
from typing import Final

from flask import Flask, Response

from service.domain.instants import SECOND, render
from service.http.auth import caller, lifter_of, needs_scope
from service.http.bodies import json_body
from service.http.replies import reply
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, in_path, query
from service.http.schemas.tokens import NEW_TOKEN
from service.http.strict_json import read
from service.usecases.gym.lifter_tokens import make_token, revoke_tokens
from service.usecases.services import Services

_TOKEN_ID: Final = re.compile(r"t_[0-9a-f]{16}")


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.post("/v1/lifters/<lifter>/tokens")
    def create_token(lifter: str) -> Response:
        """Make a token of the lifter; the reply is the only one that ever holds it."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        wanted = loaded(NEW_TOKEN, read(json_body()))
        for scope in wanted["scopes"]:
            needs_scope(scope)
        token, secret = make_token(services, caller(), reference, wanted["scopes"], wanted["lifetime_s"] * SECOND)
        document = {
            "secret": secret,
            "token_id": token.id,
            "lifter": lifter,
            "scopes": token.scopes,
            "created_at": render(token.created_at),
            "expires_at": render(token.expires_at),
        }
        response = reply(document, 201)
        response.headers["Location"] = f"/v1/lifters/{lifter}/tokens/{token.id}"
        return response

    @app.delete("/v1/lifters/<lifter>/tokens")
    def revoke_all_tokens(lifter: str) -> Response:
        """Revoke every token of the lifter."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        revoke_tokens(services, reference)
        return Response(status=204)

    @app.delete("/v1/lifters/<lifter>/tokens/<token_id>")
    def revoke_token(lifter: str, token_id: str) -> Response:
        """Revoke a token of the lifter; one that there is not is revoked already."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        name = in_path("token_id", token_id, _TOKEN_ID, "the id of a token: t_ and 16 hexadecimal digits")
        revoke_tokens(services, reference, name)
        return Response(status=204)
