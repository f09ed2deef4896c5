"""Writing to a log from a page: what was sent is appended once, and what is wrong with it is shown where it stands."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, request
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import IdempotencyConflict, InvalidInput, TooMuchToReplay
from service.domain.identifiers import LifterRef
from service.http.auth import caller, lifter_of
from service.http.pages.forms import Form, document_of, doubted, refused, sent
from service.http.pages.frame import see_other
from service.http.schemas.submissions import posted
from service.usecases.log.append_as_told import append_as_told
from service.usecases.log.batch import Receipt
from service.usecases.log.warnings import Warned
from service.usecases.services import Services


def write(services: Services, lifter: str, there: str, page: Callable[[Form], AnyResponse]) -> AnyResponse:
    """Append what the form of this request says, and go ``there``; or show the ``page`` with what is wrong."""
    form = sent(request.form)
    became = _appended(services, lifter_of(lifter), form)
    if isinstance(became, Form):
        return page(became)
    once = "" if became.outcome == "appended" else " It was sent before, and stands there once."
    flash(f"Saved as version {became.version} of the log.{once}")
    for warning in became.warnings or ():
        flash(f"{warning.detail[0].upper()}{warning.detail[1:]}.")
    return see_other(f"{there}#said")


def _appended(services: Services, lifter: LifterRef, form: Form) -> Receipt | Form:
    """What was appended, or the form with what keeps it from being."""
    anyway = bool(form.value("anyway"))
    try:
        event = posted(document_of(form, services.now(caller().gym)))
        at = event.occurred_at if form.value("occurred_at") else None

        def append(*, strict: bool) -> Receipt:
            return append_as_told(services, lifter, event.event_id, event.data, at, actor=caller().id, strict=strict)

        try:
            return append(strict=not anyway)
        except TooMuchToReplay:  # to tell whether there is something to look at again
            return append(strict=False)
    except InvalidInput as error:
        return refused(form, error)
    except Warned as warned:
        return doubted(form, warned.warnings)
    except IdempotencyConflict as error:
        said = f"This form was sent already: version {error.version} of the log has what it said then."
        return form._replace(wrong={"": [said]}, was_sent=True)
