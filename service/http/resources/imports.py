"""Logs of other apps, and what names in them mean to a gym."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Flask, Response, request

from service.domain.errors import InvalidInput, Problem, pointer
from service.domain.identifiers import LifterRef
from service.domain.instants import render
from service.http.auth import caller, lifter_of
from service.http.bodies import PostedFile, file_body, json_body, posted_file
from service.http.replies import reply
from service.http.schemas.imports import IMPORT_ID, IMPORT_QUERY, NAME, said_in
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, in_path, query
from service.http.strict_json import read
from service.trackers.export import ExportUnreadable, Unanswered
from service.usecases.gym.exercise_names import correct_gym, map_name, mapped_names, warnings_of
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.import_tracker import (
    Imported,
    Prepared,
    already_there,
    append_prepared,
    prepare_import,
)
from service.usecases.log.take_back_import import LoggedImport, find_import, logged_imports
from service.usecases.log.take_back_import import take_back_import as take_back
from service.usecases.services import Services

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes of a file: some 40,000 sets, which are read and appended well within what a costly request may take."""

_SHOWN: Final = 100
"""Lines that are named of those that share a reason."""


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.post("/v1/lifters/<lifter>/imports")
    def import_log(lifter: str) -> Response:
        """How another app's export would be taken in; once that is confirmed, take it in."""
        reference = lifter_of(lifter)
        file = posted_file(file_body(LARGEST_FILE), LARGEST_FILE)
        asked = _asked(file)
        prepared = _prepared(services, reference, asked, file.content)
        if "confirm" not in asked:
            there = already_there(services, reference, prepared)
            return reply({**_read_as(lifter, prepared), "status": "previewed", **_events(len(prepared.lines), there)})
        if asked["confirm"] != prepared.import_id:
            told = f"is another import: this file, read so, is {prepared.import_id}; look at how it is read first"
            raise InvalidInput(Problem("/confirm", told))
        imported = append_prepared(services, reference, prepared)
        return reply({**_read_as(lifter, prepared), "status": "imported", **_became(imported)}, 201)

    @app.get("/v1/lifters/<lifter>/imports")
    def list_imports(lifter: str) -> Response:
        """The imports that a log has, those taken back among them."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        found = logged_imports(services, reference)
        if not found and not services.log.head(reference):
            raise erased_or_unknown(services, reference)
        return reply({"imports": [_logged(lifter, each) for each in found]})

    @app.get("/v1/lifters/<lifter>/imports/<import_id>")
    def get_import(lifter: str, import_id: str) -> Response:
        """How much of an import the log has."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        return reply(_logged(lifter, find_import(services, reference, in_path("import_id", import_id, *IMPORT_ID))))

    @app.delete("/v1/lifters/<lifter>/imports/<import_id>")
    def take_back_import(lifter: str, import_id: str) -> Response:
        """Take an import back as a whole."""
        reference = lifter_of(lifter)
        query(NO_QUERY)
        wanted = in_path("import_id", import_id, *IMPORT_ID)
        take_back(services, reference, wanted)
        return reply(_logged(lifter, find_import(services, reference, wanted)))

    @app.get("/v1/exercise-names")
    def list_exercise_names() -> Response:
        """What names in other apps' exports mean to the gym."""
        query(NO_QUERY)
        names = mapped_names(services, caller().gym)
        return reply({"names": [_named(each.name, each.exercise, each.mapped_at) for each in names]})

    @app.put("/v1/exercise-names")
    def map_exercise_name() -> Response:
        """Say what a name means: for later imports, and by corrections for earlier ones."""
        query(NO_QUERY)
        said = loaded(NAME, read(json_body()))
        gym = caller().gym
        mapped = map_name(services, gym, said["name"], said["exercise"])
        corrected = correct_gym(services, gym, actor=caller().id)
        not_corrected = [{"reason": reason, "sets": sets} for reason, sets in sorted(corrected.refused.items())]
        named = _named(mapped.name, mapped.exercise, mapped.mapped_at)
        found = warnings_of(services, gym, mapped)
        warnings = {"warnings": found} if found else {}
        return reply({**named, "corrected": corrected.sets, "not_corrected": not_corrected, **warnings})


def _asked(file: PostedFile) -> dict[str, Any]:
    """What is said beside a file: in the query, or in the fields of its form."""
    twice = sorted(file.fields.keys() & request.args.keys())
    if twice:
        raise InvalidInput(*(Problem(pointer(name), "is given in the query and in the form") for name in twice))
    return {**query(IMPORT_QUERY), **loaded(IMPORT_QUERY, dict(file.fields))}


def _prepared(services: Services, lifter: LifterRef, asked: Mapping[str, Any], content: bytes) -> Prepared:
    try:
        return prepare_import(services, lifter, content, said_in(asked), app=asked.get("app"))
    except Unanswered as unanswered:
        raise InvalidInput(Problem(f"/{unanswered.question}", f"the file does not say: {unanswered}")) from None
    except ExportUnreadable as unreadable:
        raise InvalidInput(Problem("", str(unreadable))) from None


def _named(name: str, exercise: str, mapped_at: int) -> dict[str, Any]:
    return {"name": name, "exercise": exercise, "mapped_at": render(mapped_at)}


def _logged(lifter: str, logged: LoggedImport) -> dict[str, Any]:
    said = logged._asdict()
    if (recorded_at := said.pop("recorded_at")) is not None:
        said["recorded_at"] = render(recorded_at)
    if (far := said.pop("under_way")) is not None:
        said["under_way"] = {"done": far.done, "events": far.events}
    return {"lifter": lifter, **said}


def _read_as(lifter: str, prepared: Prepared) -> dict[str, Any]:
    """How a file is read, whatever becomes of it."""
    export, assumed = prepared.export, prepared.assumed
    found = {"catalogue": prepared.matched, "mapped": prepared.mapped, "own": prepared.own}
    return {
        "lifter": lifter,
        "import_id": prepared.import_id,
        "app": export.app,
        "rows": export.rows,
        "sets": len(export.sets),
        "notes": len(export.notes),
        "skipped": [{"reason": reason, **_lines(lines)} for reason, lines in export.skipped_by_reason().items()],
        "columns": [{"meaning": meaning, "column": column} for meaning, column in export.columns],
        "unread_columns": list(export.unknown_columns),
        "units": sorted({performed.load.unit for performed in export.sets}),
        "units_from": _from(assumed.unit_from, says=export.says_unit),
        "time_zone": None if export.says_zone else assumed.time_zone,
        "time_zone_from": _from(assumed.time_zone_from, says=export.says_zone),
        "has_times": export.has_times,
        "exercises": [
            {"name": name, "exercise": exercise, "from": whence}
            for whence, names in found.items()
            for name, exercise in sorted(names.items())
        ],
        "warnings": [
            {"code": code, "detail": told[0][1], **_lines([line for line, _ in told])}
            for code, told in sorted(prepared.warned.items())
        ],
    }


def _from(whom: str, *, says: bool) -> str:
    return "file" if says else "request" if whom == "as you said" else "lifter"


def _lines(lines: Sequence[int]) -> dict[str, Any]:
    return {"rows": len(lines), "lines": list(lines[:_SHOWN])}


def _events(total: int, there: int) -> dict[str, Any]:
    return {"events": total, "appended": 0, "already_appended": there, "differing": _lines([]), "refused": []}


def _became(imported: Imported) -> dict[str, Any]:
    return {
        "events": len(imported.prepared.lines),
        "appended": imported.outcomes.get("appended", 0),
        "already_appended": imported.outcomes.get("already_appended", 0),
        "differing": _lines(imported.differing),
        "refused": [{"reason": reason, **_lines(lines)} for reason, lines in sorted(imported.refused.items())],
    }
