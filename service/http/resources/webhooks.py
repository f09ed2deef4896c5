"""A gym's webhooks: where it is told, how that goes, and what could not be delivered."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from service.domain.errors import InvalidInput, Problem
from service.domain.instants import render
from service.domain.webhooks import MESSAGE_ID, WEBHOOK_ID, DeadLetter, Webhook
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.replies import number_of, reply, reply_page, time_or_none
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, PAGE, query
from service.http.schemas.webhooks import NEW_WEBHOOK
from service.http.strict_json import read
from service.usecases.services import Services
from service.usecases.webhooks import manage
from service.usecases.webhooks.manage import WebhookSeen


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/webhooks")
    def list_webhooks() -> Response:
        """The gym's webhooks, the oldest first."""
        query(NO_QUERY)
        return reply({"webhooks": [_webhook_json(seen) for seen in manage.see_webhooks(services, caller().gym)]})

    @app.post("/v1/webhooks")
    def create_webhook() -> Response:
        """Make a webhook; this reply and that of a rotation are the only ones that hold its secret."""
        query(NO_QUERY)
        webhook = manage.add_webhook(services, caller().gym, **loaded(NEW_WEBHOOK, read(json_body())))
        response = _with_secret(webhook, 201)
        response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
        return response

    @app.get("/v1/webhooks/<webhook_id>")
    def get_webhook(webhook_id: str) -> Response:
        """A webhook of the gym."""
        query(NO_QUERY)
        return reply(_webhook_json(manage.see_webhook(services, caller().gym, _id(webhook_id))))

    @app.delete("/v1/webhooks/<webhook_id>")
    def delete_webhook(webhook_id: str) -> Response:
        """Remove a webhook, with its dead letters."""
        query(NO_QUERY)
        manage.remove_webhook(services, caller().gym, _id(webhook_id))
        return Response(status=204)

    @app.post("/v1/webhooks/<webhook_id>/rotation")
    def rotate_webhook(webhook_id: str) -> Response:
        """Give a webhook another secret, beside which the old one signs for a day."""
        query(NO_QUERY)
        return _with_secret(manage.rotate_secret(services, caller().gym, _id(webhook_id)), 200)

    @app.post("/v1/webhooks/<webhook_id>/resumption")
    def resume_webhook(webhook_id: str) -> Response:
        """Go on with a webhook that was disabled, or waits, from where it was."""
        query(NO_QUERY)
        return reply(_webhook_json(manage.take_up(services, caller().gym, _id(webhook_id))))

    @app.get("/v1/webhooks/<webhook_id>/dead-letters")
    def list_dead_letters(webhook_id: str) -> Response:
        """The messages that could not be delivered, the oldest first."""
        page = query(PAGE)
        after = number_of(page["after"]) if "after" in page else 0
        found = manage.dead_letters(services, caller().gym, _id(webhook_id))
        later = [letter for letter in found if letter.last > after]
        chosen = later[: page["limit"]]
        more = str(chosen[-1].last) if len(later) > len(chosen) else None
        return reply_page("dead_letters", [_dead_letter_json(letter) for letter in chosen], more)

    @app.post("/v1/webhooks/<webhook_id>/dead-letters/<message_id>/resend")
    def resend_dead_letter(webhook_id: str, message_id: str) -> Response:
        """Have a dead letter tried once more."""
        query(NO_QUERY)
        if not MESSAGE_ID.fullmatch(message_id):
            raise InvalidInput(Problem("/message_id", "must be the id of a message: msg_, 16 digits, _ and a number"))
        (letter,) = manage.send_again(services, caller().gym, _id(webhook_id), message_id)
        return reply(_dead_letter_json(letter), 202)


def _with_secret(webhook: Webhook, status: int) -> Response:
    document = {"webhook_id": webhook.id, "url": webhook.url, "secret": webhook.secret}
    until = {} if webhook.old_secret is None else {"old_secret_until": render(webhook.old_until)}
    return reply({**document, **until}, status)


def _webhook_json(seen: WebhookSeen) -> dict[str, Any]:
    webhook, progress, behind = seen
    return {
        "webhook_id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "created_at": render(webhook.created_at),
        "status": "disabled" if webhook.disabled_at is not None else "failing" if progress.failing_since else "active",
        "disabled_at": time_or_none(webhook.disabled_at),
        "disabled_because": webhook.disabled_because,
        "behind": behind,
        "attempts": progress.attempts,
        "next_attempt_at": time_or_none(progress.next_at or None),
        "failing_since": time_or_none(progress.failing_since),
        "last_error": progress.error,
        "last_delivered_at": time_or_none(progress.last_at),
    }


def _dead_letter_json(letter: DeadLetter) -> dict[str, Any]:
    return {
        "message_id": letter.message_id,
        "attempts": letter.attempts,
        "failed_at": render(letter.failed_at),
        "error": letter.error,
    }


def _id(name: str) -> str:
    if not WEBHOOK_ID.fullmatch(name):
        raise InvalidInput(Problem("/webhook_id", "must be the id of a webhook: wh_ and 16 hexadecimal digits"))
    return name
