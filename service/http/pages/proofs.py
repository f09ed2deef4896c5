"""The proof of a prescription: from what was logged over the rules to the loads; why not, what if, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import segno
from flask import Blueprint, Response, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import InvalidInput, NotFound
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, parse
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.derive.why import OUTCOMES, Expectation, why
from service.http.auth import caller, lifter_of
from service.http.pages.forms import local_time, utc, whole_number
from service.http.pages.frame import SHOWN_ONCE, Frame, see_other, sentences
from service.http.pages.rule_text import rule_text
from service.usecases.gym import proof_links
from service.usecases.lifter import explain, prescribe
from service.usecases.lifter.corrections import corrections_of
from service.usecases.lifter.proof_at import proof_at
from service.usecases.lifter.proof_bundle import proof_bundle
from service.usecases.services import Services

_MASK: Final = 4
"""One of the eight patterns of a QR code; to try which suits best takes longer than the proof, and any can be read."""
_LONGEST_ADDRESS: Final = 2000


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""
    _register_others(pages, services)

    def page(
        lifter: str, prescription_id: str, status: int = 200, *, days: int | None = None, wrong: Sequence[str] = ()
    ) -> Response:
        values = {**_own_values(services, lifter, prescription_id), "wrong": wrong}
        if days is not None:
            link, secret = proof_links.make_proof_link(services, caller(), lifter_of(lifter), prescription_id, days)
            values |= {"days": days, "made": (link, sealed(values, ".show_linked_proof", link=secret))}
            values["links"] = proof_links.proof_links(services, lifter_of(lifter))
        return proof_page(frame, values, status, headers=None if days is None else SHOWN_ONCE)

    @pages.get("/lifters/<lifter>/proofs/<prescription_id>")
    def show_proof(lifter: str, prescription_id: str) -> Response:
        """Why a prescription is what it is, made again just now from the log and the archived rules.

        Where nothing is asked beside, what it was is shown at once, by the projection, and its proof when it is made.
        """
        given = _at_once(services, lifter, prescription_id)
        if given is None:
            return page(lifter, prescription_id)
        prescription, time_zone = given
        return frame.begun_page(
            "proof.html",
            "_proof.html",
            lambda: _own_values(services, lifter, prescription_id),
            lifter=lifter,
            asked=prescription,
            sets=prescription.sets,
            time_zone=time_zone,
        )

    @pages.post("/lifters/<lifter>/proofs/<prescription_id>")
    def change_proof_links(lifter: str, prescription_id: str) -> AnyResponse:
        """Make a link to this proof for somebody without a key, which is shown this once, or revoke links."""
        form = request.form
        if "revoke" in form:
            proof_links.revoke_proof_links(services, lifter_of(lifter), form["revoke"] or None)
            flash("The link is revoked." if form["revoke"] else "All links of this lifter are revoked.")
            there = url_for("pages.show_proof", lifter=lifter, prescription_id=prescription_id)
            return see_other(f"{there}#said")
        try:
            return page(
                lifter, prescription_id, 201, days=whole_number("days", form.get("days", ""), proof_links.LONGEST_DAYS)
            )
        except InvalidInput as error:
            return page(lifter, prescription_id, 422, wrong=sentences(error))


def _register_others(pages: Blueprint, services: Services) -> None:
    @pages.get("/lifters/<lifter>/proofs")
    def find_proof(lifter: str) -> AnyResponse:
        """The proof of a slot as known at one time and as of another; or beside the one that was looked at."""
        reference, asked = lifter_of(lifter), request.args
        time_zone = asked.get("time_zone", "UTC")
        times = {name: _instant(name, asked.get(name, ""), time_zone) for name in ("as_of", "known_at")}
        found = proof_at(services, reference, asked.get("exercise", ""), asked.get("slot", ""), **times)
        said: dict[str, Any] = {name: asked[name] for name in times if asked.get(name)}
        beside = asked.get("beside")
        if beside and asked.get("do") == "compare":
            said["against"], found = found, beside
        return see_other(url_for("pages.show_proof", lifter=lifter, prescription_id=found, **said))

    @pages.get("/lifters/<lifter>/proofs/<prescription_id>/bundle")
    def get_bundle(lifter: str, prescription_id: str) -> Response:
        """All that it takes to check the proof without this Spotter."""
        return bundle_of(services, lifter_of(lifter), prescription_id)


def proof_page(
    frame: Frame, values: Mapping[str, Any], status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """The page of a proof, of which all is there."""
    rest = Markup(render_template("_proof.html", **values))  # noqa: S704 - it has escaped what it was made of
    asked = values["proof"]["prescription"]
    return frame.page("proof.html", status, headers=headers, rest=rest, asked=asked, **values)


def proof_values(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """What the page of a proof shows, whoever looks at it."""
    document = explain.derivation(services, lifter, prescription_id)
    asked = document["prescription"]
    rule_set = services.rule_sets.get(asked["rule_set"]["digest"])
    used = {scheme["scheme"] for trigger in document["triggers"] for scheme in trigger.get("schemes", ())}
    entry = services.log.read(lifter, asked["version"] - 1, 1)
    return {
        "proof": document,
        "sets": msgspec.convert(asked["sets"], tuple[PrescribedSet, ...], strict=False),
        "reasons": why(document),
        "time_zone": prescribe.state_at(services, lifter).shared.time_zone,
        "text_of": lambda rule: rule_text(rule_set.files, rule),
        "schemes": [scheme for name, scheme in rule_set.schemes.items() if name in used],
        "known_at": entry[0].event.recorded_at if entry else None,
        "seal": {"made_at": services.clock(), "expected": request.args.get("sha256")},
        "qr_code": _qr_code,
    }


def _at_once(services: Services, lifter: str, prescription_id: str) -> tuple[Prescription, str] | None:
    """What a page can begin with before the proof is made, and its time zone; None where more is asked."""
    if request.args.keys() - {"sha256"}:
        return None
    return prescribe.prescription_of(services, lifter_of(lifter), prescription_id)


def _own_values(services: Services, lifter: str, prescription_id: str) -> dict[str, Any]:
    """What the page of a proof shows to whoever has a key."""
    reference = lifter_of(lifter)
    values = proof_values(services, reference, prescription_id)
    values["seal"]["address"] = sealed(values, ".show_proof", lifter=lifter, prescription_id=prescription_id)
    asked, zone = values["proof"]["prescription"], values["time_zone"]
    return {
        "lifter": lifter,
        **values,
        **_answers(services, reference, prescription_id),
        "outcomes": OUTCOMES,
        "corrections": [
            (each, local_time(each.recorded_at - 1, zone))
            for each in corrections_of(services, reference, asked["exercise"], asked["version"])
        ],
        "stands_from": local_time(parse(asked["valid_from"]), zone),
        "begins": local_time(_beginning(services, reference), zone),
        "now": local_time(services.now(reference.gym), zone),
        "links": proof_links.proof_links(services, reference),
        "longest": proof_links.LONGEST_DAYS,
        "most": proof_links.MOST,
        "days": proof_links.DAYS,
    }


def _answers(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """What was asked beside: why not an outcome, what would have changed it, and what differs from another proof."""
    asked = request.args
    answers: dict[str, Any] = {}
    if asked.get("why_not") in OUTCOMES:
        expected = Expectation(outcome=asked["why_not"])
        answers["objections"] = explain.objections(services, lifter, prescription_id, expected)
    if "what_if" in asked:
        answers["alternatives"] = explain.alternatives(services, lifter, prescription_id)
    against = asked.get("against", "").strip().partition("?")[0].rpartition("/")[2]
    if against:
        try:
            answers["comparison"] = explain.comparison(services, lifter, prescription_id, against)
            answers["against"] = against
        except NotFound as error:
            answers["incomparable"] = str(error)
    return answers


def bundle_of(services: Services, lifter: LifterRef, prescription_id: str) -> Response:
    """All that it takes to check a proof without this Spotter, as a file."""
    lines = proof_bundle(services, lifter, prescription_id)
    headers = {"Content-Disposition": f'attachment; filename="proof-{prescription_id[:16]}.ndjson"'}
    return Response(b"".join(lines), headers=headers, content_type="application/x-ndjson")


def sealed(values: Mapping[str, Any], endpoint: str, **of: str) -> str:
    """A proof's whole address, with its hash: whoever opens it is told whether what is derived then is equal."""
    return url_for(endpoint, sha256=values["proof"]["sha256"], _external=True, **of)


def _beginning(services: Services, lifter: LifterRef) -> Instant:
    """When a log's first event occurred, or was recorded."""
    first = services.log.read(lifter, 0, 1)[0].event
    return min(first.occurred_at, first.recorded_at)


def _qr_code(address: str) -> Markup:
    """A picture of an address that a camera reads."""
    drawn = segno.make(address[:_LONGEST_ADDRESS], error="m", mask=_MASK, micro=False)
    return Markup(drawn.svg_inline(omitsize=True, title="The address of this proof"))  # noqa: S704 - drawn by segno alone


def _instant(name: str, said: str, time_zone: str) -> Instant | None:
    return parse(utc(name, said, time_zone)) if said else None
