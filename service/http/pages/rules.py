"""The rules as people read them: sentences beside the files, what uses what, and how made-up lifters fare by them."""

from __future__ import annotations

from http.client import NOT_MODIFIED
from typing import Any, Final

from flask import Blueprint, Response, request

from service.domain.errors import NotFound
from service.engine.simulate.made_up_lifter import CHARACTERS
from service.engine.version import ENGINE_VERSION
from service.http.auth import caller
from service.http.pages.frame import Frame
from service.usecases.rules import library_texts, published_library
from service.usecases.rules.load_chart import loads_svg
from service.usecases.rules.simulate import course_of, train_under
from service.usecases.services import Services

_MOST_EXERCISES: Final = 40
_MOST_ASKED: Final = 100
"""Characters that a search has at most."""
_WEEKS: Final = 26
_TYPICAL: Final = "typical"


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/rules")
    def list_rules() -> Response:
        """The library, or what of it fits the words that are asked for."""
        asked = request.args.get("q", "").strip()[:_MOST_ASKED] or None
        schemes = [each.item for each in published_library.find_schemes(services, asked)]
        exercises = [each.item for each in published_library.find_exercises(services, asked)]
        return frame.page(
            "rules.html",
            asked=asked or "",
            programmes=[each.item for each in published_library.find_programmes(services, asked, gym=caller().gym)],
            progressions=[each for each in schemes if each.role == "progression"],
            deloads=[each for each in schemes if each.role == "deload"],
            exercises=exercises[:_MOST_EXERCISES],
            more=max(0, len(exercises) - _MOST_EXERCISES),
        )

    @pages.get("/rules/programmes/<programme>")
    def show_programme(programme: str) -> Response:
        """What a programme asks for, and where its numbers come from."""
        rule_set, readable = library_texts.readable_programme(services, programme, gym=caller().gym)
        of = _character() if rule_set.programme.days else None
        return frame.page("programme.html", rule_set=rule_set, it=readable, of=of, characters=CHARACTERS, weeks=_WEEKS)

    @pages.get("/rules/programmes/<programme>/loads.svg")
    def show_loads(programme: str) -> Response:
        """What a made-up lifter is prescribed by a programme, as a picture."""
        rule_set = published_library.published_programme(services, programme, gym=caller().gym)
        if not rule_set.programme.days:
            raise NotFound("this programme has no days of its own that anybody could train by")
        of = _character()
        picture = Response(content_type="image/svg+xml")
        picture.set_etag(f"{ENGINE_VERSION}-{rule_set.digest}-{of}")
        picture.headers["Cache-Control"] = "private, no-cache"
        if picture.make_conditional(request).status_code != NOT_MODIFIED:
            course = course_of(of, len(rule_set.programme.days), weeks=_WEEKS)
            simulated = train_under(rule_set, services.rule_sets, course).simulated
            picture.data = loads_svg(rule_set.programme.title, simulated)
        return picture

    @pages.get("/rules/schemes/<scheme>")
    def show_scheme(scheme: str) -> Response:
        """What a progression or a deload does, in sentences and in its own words."""
        found, readable = library_texts.readable_scheme(services, scheme)
        return frame.page("scheme.html", scheme=found, it=readable)

    @pages.get("/rules/exercises/<exercise>")
    def show_exercise(exercise: str) -> Response:
        """What the catalogue knows of an exercise."""
        found, readable = library_texts.readable_exercise(services, exercise)
        return frame.page("exercise.html", exercise=found, it=readable, facts=_facts(found))


def _character() -> str:
    asked = request.args.get("lifter", _TYPICAL)
    return asked if asked in CHARACTERS else _TYPICAL


def _facts(exercise: Any) -> list[tuple[str, str]]:
    """What is known of an exercise, each fact under its name."""
    loads = {"total": "bar and all", "each": "of one dumbbell, or of one side", "added": "beside the body weight"}
    every = (
        ("Equipment", exercise.equipment),
        ("A load is", loads[exercise.load]),
        ("Counted in", "repetitions" if exercise.measure == "reps" else "seconds"),
        ("Muscles", ", ".join(exercise.target)),
        ("Helped by", ", ".join(exercise.synergists)),
        ("Sides", "one at a time" if exercise.one_sided else "both at once"),
        ("Joints", exercise.mechanic or ""),
        ("Direction", exercise.force or ""),
        ("For", exercise.level or ""),
        ("Repetitions", "" if exercise.reps is None else "{}–{}".format(*exercise.reps)),
        ("Also called", ", ".join(exercise.aliases)),
    )
    return [(name, said.replace("-", " ")) for name, said in every if said]
