"""What the published rules know: exercises, schemes, programmes, and rule sets as they were archived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response

from service.domain.gym_programmes import GymProgramme
from service.http.auth import caller
from service.http.kept_replies import PublishedReplies, worth_keeping
from service.http.library_json import exercise_json, own_programme_json, programme_json, rule_set_json, scheme_json
from service.http.replies import place_of, rank_of, reply, reply_page
from service.http.schemas.identifiers import DIGEST, EXERCISE, PROGRAMME, SCHEME
from service.http.schemas.queries import EXERCISE_QUERY, LIBRARY_QUERY, NO_QUERY, PROGRAMMES_QUERY, in_path, query
from service.usecases.rules import published_library as library
from service.usecases.rules.suitable_programmes import Suitable
from service.usecases.services import Services

Item = TypeVar("Item")


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""
    published = PublishedReplies(services.rule_sets.published)

    @app.get("/v1/exercises")
    def list_exercises() -> Response:
        """The catalogue, or what of it is asked for."""
        return published.reply(caller().gym, exercises)

    def exercises() -> Response:
        asked = query(EXERCISE_QUERY)
        found = library.find_exercises(services, asked.get("q"), asked.get("muscle"), asked.get("equipment"))
        return _page("exercises", found, exercise_json, asked)

    @app.get("/v1/exercises/<exercise>")
    def get_exercise(exercise: str) -> Response:
        """One exercise of the catalogue."""
        name = in_path("exercise", exercise, *EXERCISE)
        query(NO_QUERY)
        return _kept(reply(exercise_json(library.published_exercise(services, name))))

    @app.get("/v1/schemes")
    def list_schemes() -> Response:
        """Progression and deload schemes: also those that no programme uses, for simulations may."""
        asked = query(LIBRARY_QUERY)
        return _kept(_page("schemes", library.find_schemes(services, asked.get("q")), scheme_json, asked))

    @app.get("/v1/schemes/<scheme>")
    def get_scheme(scheme: str) -> Response:
        """One scheme."""
        name = in_path("scheme", scheme, *SCHEME)
        query(NO_QUERY)
        return _kept(reply(scheme_json(library.published_scheme(services, name))))

    @app.get("/v1/programmes")
    def list_programmes() -> Response:
        """Programmes in their newest published version, the gym's own among them."""
        gym = caller().gym
        own = library.own_programmes(services, gym)
        named = [f"{each.id} {each.digest} {each.archived_at}" for each in own.values()]
        return published.reply(gym, partial(programmes, gym, own), "\n".join(named))

    def programmes(gym: str, own: Mapping[str, GymProgramme]) -> Response:
        asked = query(PROGRAMMES_QUERY)
        suitable = Suitable(**{name: asked[name] for name in Suitable._fields if name in asked})
        found = library.find_programmes(services, asked.get("q"), suitable, gym=gym)
        return _page("programmes", found, lambda each: programme_json(each, own.get(each.programme.id)), asked)

    @app.get("/v1/programmes/<programme>")
    def get_programme(programme: str) -> Response:
        """One programme in its newest published version."""
        name, gym = in_path("programme", programme, *PROGRAMME), caller().gym
        query(NO_QUERY)
        own = library.own_programmes(services, gym).get(name)
        rule_set = library.published_programme(services, name, gym=gym)
        return _kept(reply(programme_json(rule_set) if own is None else own_programme_json(rule_set, own)))

    @app.get("/v1/rule-sets/<digest>")
    def get_rule_set(digest: str) -> Response:
        """A rule set that was ever published, with its files."""
        name = in_path("digest", digest, *DIGEST)
        query(NO_QUERY)
        return _kept(reply(rule_set_json(library.seen_rule_set(services, name, gym=caller().gym))))


def _page(
    name: str, found: Sequence[library.Found[Item]], shown: Callable[[Item], Any], asked: dict[str, Any]
) -> Response:
    """The page that was asked for, of what was found."""
    after = rank_of(place_of(asked["after"])) if "after" in asked else (-1, "")
    rest = [each for each in found if each[:2] > after]
    page = rest[: asked["limit"]]
    place = f"{page[-1].rank}/{page[-1].id}" if len(rest) > len(page) else None
    return reply_page(name, [shown(each.item) for each in page], place)


def _kept(response: Response) -> Response:
    return worth_keeping(response, caller().gym)
