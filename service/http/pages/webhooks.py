"""A gym's webhooks: how far each has been told, what could not be delivered, and having it sent again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import InvalidInput, TooManyWebhooks
from service.http.auth import caller
from service.http.pages.frame import SHOWN_ONCE, Frame, see_other, sentences
from service.usecases.services import Services
from service.usecases.webhooks import manage


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    def page(status: int = 200, **said: Any) -> Response:
        gym = caller().gym
        found = manage.see_webhooks(services, gym)
        seen = [
            (each, manage.dead_letters(services, gym, each.webhook.id), manage.attempts(services, gym, each.webhook.id))
            for each in found
        ]
        headers = SHOWN_ONCE if "made" in said else None
        return frame.page("webhooks.html", status, headers=headers, seen=seen, sent=request.form, **said)

    @pages.get("/settings/webhooks")
    def show_webhooks() -> Response:
        """The gym's webhooks."""
        return page()

    @pages.post("/settings/webhooks")
    def change_webhooks() -> AnyResponse:
        """Add a webhook, whose secret is shown this once, or do something about one."""
        form, gym = request.form, caller().gym
        if "do" in form:
            flash(_done(services, gym, form["do"], form.get("webhook", ""), form.get("message") or None))
            return see_other(url_for("pages.show_webhooks"))
        try:
            made = manage.add_webhook(services, gym, form.get("url", "").strip(), form.get("description") or None)
        except (InvalidInput, TooManyWebhooks) as error:
            return page(422, wrong=sentences(error))
        return page(201, made=made)


def _done(services: Services, gym: str, what: str, webhook: str, message: str | None) -> str:
    """Do it; what to say of it. Raises `NotFound`."""
    if what == "remove":
        return f"{manage.remove_webhook(services, gym, webhook).url} is told nothing any more."
    if what == "resend":
        return f"Sent once more: {len(manage.send_again(services, gym, webhook, message))}."
    return f"{manage.take_up(services, gym, webhook).webhook.url} is tried again at once."
