"""Taking another app's log in: the file dropped on a page, looked at as it is read, and then confirmed.

Nothing of a file is kept here. The page that shows how it is read holds it, packed, until it is sent again.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import InvalidInput, Problem
from service.domain.loads import Load
from service.domain.time_zones import every_name
from service.http.auth import caller, lifter_of
from service.http.bodies import TooLarge
from service.http.pages.forms import Form, doubted_for, refused
from service.http.pages.frame import Frame, see_other
from service.http.resources.imports import LARGEST_FILE
from service.http.schemas.imports import IMPORT_QUERY, NAME, said_in
from service.http.schemas.loading import loaded
from service.trackers.export import ExportUnreadable, Unanswered
from service.trackers.reader import APPS
from service.usecases.gym.exercise_names import correct_gym, map_name, mapped_names
from service.usecases.gym.similar_exercises import similar_exercises
from service.usecases.log.import_tracker import Prepared, already_there, append_prepared, prepare_import
from service.usecases.log.take_back_import import logged_imports, take_back_import
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services

_SAID: Final = ("app", "unit", "time_zone", "date_order", "columns")
_MOST_NAMES: Final = 200
"""Names of exercises that are shown of a file, and that can be said to mean another at once."""
_MOST_LIFTERS: Final = 500
_MOST_LINES: Final = 100
_MOST_WARNINGS: Final = 50


class _File(NamedTuple):
    """A file, what it is called, and itself as a page holds it."""

    name: str
    content: bytes
    packed: str


class _Name(NamedTuple):
    """A name of an exercise in a file: what it means, by whom, in how many sets, and their least and greatest load."""

    name: str
    exercise: str
    whence: str
    sets: int
    least: Load
    greatest: Load


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    def page(form: Form, status: int = 200, **said: Any) -> Response:
        gym = caller().gym
        lifter = form.value("lifter")
        known: dict[str, Any] = {
            "form": form,
            "apps": [("", "whatever the file shows"), *((each, each) for each in APPS)],
            "lifters": [each.lifter for each in islice(services.log.lifters_of(gym), _MOST_LIFTERS)],
            "time_zones": sorted(every_name()),
            "exercises": sorted(catalogue(services).exercises.values(), key=lambda each: each.title),
            "imports": logged_imports(services, lifter_of(lifter)) if lifter and "lifter" not in form.wrong else [],
            "names": sorted(mapped_names(services, gym), key=lambda each: -each.mapped_at)[:_MOST_NAMES],
            "most": LARGEST_FILE,
        }
        return frame.page("imports.html", status, **known, **said)

    @pages.get("/settings/imports")
    def show_imports() -> Response:
        """Where a file is dropped; of a lifter, the imports that there were."""
        return page(_form({"lifter": request.args.get("lifter", "").strip()}))

    @pages.post("/settings/imports")
    def change_imports() -> AnyResponse:
        """Show how a file is read, keep what its names mean, take it in, or take an import back."""
        if "take_back" in request.form:
            lifter = request.form.get("lifter", "")
            voided = take_back_import(services, lifter_of(lifter), request.form["take_back"])
            flash(f"Taken back: {voided} events. The file can be imported again, read otherwise.")
            return see_other(url_for("pages.show_imports", lifter=lifter))
        form, file = _form(request.form), None
        try:
            file = _file()
            _keep_names(services)
            prepared = _prepared(services, form, file)
            return answer(form, file, prepared)
        except Unanswered as open_:
            return page(_asking(form, open_), 422, file=file)
        except ExportUnreadable as unreadable:
            return page(refused(form, InvalidInput(Problem("/file", str(unreadable)))), 422)
        except InvalidInput as error:
            return page(refused(form, error), 422, file=file)

    def answer(form: Form, file: _File, prepared: Prepared) -> Response:
        lifter = lifter_of(form.value("lifter"))
        wants = request.form.get("do")
        if wants == "import" and request.form.get("confirm") == prepared.import_id and not _meant():
            return page(form, 201, imported=append_prepared(services, lifter, prepared))
        names = _names(prepared)
        own = [each.name for each in names if each.whence == "own"]
        return page(
            form,
            file=file,
            prepared=prepared,
            there=already_there(services, lifter, prepared),
            read_as=names[:_MOST_NAMES],
            further=len(names[_MOST_NAMES:]),
            similar=similar_exercises(services, own[:_MOST_NAMES]),
            warned=_warned(prepared),
            otherwise=wants == "import",
            most_lines=_MOST_LINES,
        )


def _form(fields: Mapping[str, str]) -> Form:
    values = {name: fields.get(name, "").strip() for name in ("lifter", "file", *_SAID)}
    return Form("import", "", "", values)


def _asking(form: Form, open_: Unanswered) -> Form:
    """A form that asks what a file leaves open; what the file suggests stands in the field already."""
    if open_.suggestion and not form.value(open_.question):
        form = form._replace(values={**form.values, open_.question: open_.suggestion})
    return doubted_for(form, open_.question, f"The file does not say: {open_}")


def _file() -> _File:
    """The file that was chosen or dropped, or else the one that the page holds; raises `InvalidInput`."""
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        content = chosen.read()
        _check_size(content)
        return _File(chosen.filename, content, base64.b64encode(zlib.compress(content)).decode())
    packed = request.form.get("kept", "")
    if not packed:
        raise InvalidInput(Problem("/file", "must be chosen, or dropped on this page"))
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(packed), LARGEST_FILE + 1)
    except (ValueError, zlib.error):
        raise InvalidInput(Problem("/file", "did not come back whole: choose it once more")) from None
    _check_size(content)
    return _File(request.form.get("called", ""), content, packed)


def _check_size(content: bytes) -> None:
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"a file has at most {LARGEST_FILE >> 20} MiB here: split it, or use `spotter import`")


def _prepared(services: Services, form: Form, file: _File) -> Prepared:
    if not form.value("lifter"):
        raise InvalidInput(Problem("/lifter", "must be named: whose log is it?"))
    said = loaded(IMPORT_QUERY, {name: form.value(name) for name in _SAID if form.value(name)})
    return prepare_import(services, lifter_of(form.value("lifter")), file.content, said_in(said), app=said.get("app"))


def _meant() -> dict[str, str]:
    """What names are said to mean in this form: what is typed goes before what is ticked."""
    fields = request.form
    every = {
        fields[f"name.{place}"]: (fields.get(f"other.{place}", "") or fields.get(f"meant.{place}", "")).strip()
        for place in range(_MOST_NAMES)
        if f"name.{place}" in fields
    }
    return {name: exercise for name, exercise in every.items() if exercise}


def _keep_names(services: Services) -> None:
    """Keep for the gym what names are said to mean, and correct what was imported under them."""
    meant = _meant()
    if not meant:
        return
    gym = caller().gym
    for name, exercise in meant.items():
        said = loaded(NAME, {"name": name, "exercise": exercise.lower()})
        map_name(services, gym, said["name"], said["exercise"])
    corrected = correct_gym(services, gym, actor=caller().id)
    flash(f"Kept for the gym: what {len(meant)} names mean. Sets imported before and corrected now: {corrected.sets}.")


def _warned(prepared: Prepared) -> dict[str, list[int]]:
    """The rows of which there is something to warn, by what; but for names that nobody knows, which stand below."""
    found: dict[str, list[int]] = {}
    for code, told in prepared.warned.items():
        for line, detail in told if code != "unknown_exercise" else ():
            found.setdefault(detail, []).append(line)
    return dict(islice(found.items(), _MOST_WARNINGS))


def _names(prepared: Prepared) -> list[_Name]:
    """The names of exercises in a file, those that nobody knows first."""
    whence = {"own": prepared.own, "mapped": prepared.mapped, "catalogue": prepared.matched}
    loads: dict[str, list[Load]] = {}
    for each in prepared.export.sets:
        loads.setdefault(each.exercise, []).append(each.load)
    found = []
    for of, names in whence.items():
        for name, exercise in sorted(names.items()):
            ordered = sorted(loads[name], key=lambda load: load.in_unit("kg"))
            found.append(_Name(name, exercise, of, len(ordered), ordered[0], ordered[-1]))
    return found
