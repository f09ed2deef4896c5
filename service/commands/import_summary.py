"""What `spotter import` says: how a file was read, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.markup import escape
from rich.table import Table

from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.usecases.log.import_tracker import Imported, Prepared

_LINES_SHOWN: Final = 5
_DETAILS_SHOWN: Final = 3


def read_as(prepared: Prepared) -> Iterator[Table | str]:
    """How a file was read: what became of every row, of its columns, and of the names of exercises."""
    export, assumed = prepared.export, prepared.assumed
    table = Table("rows", "read as", "lines", title=f"{export.rows} rows", title_justify="left")
    table.add_row(str(len(export.sets)), "sets")
    table.add_row(str(len(export.notes)), "notes on exercises")
    for reason, lines in export.skipped_by_reason().items():
        table.add_row(str(len(lines)), f"skipped: {escape(reason)}", _some(lines))
    yield table
    yield "Columns: " + escape(", ".join(f"{meaning}={name}" for meaning, name in export.columns)) + "."
    if export.unknown_columns:
        yield f"Columns left unread: {escape(', '.join(export.unknown_columns))}."
    if export.sets:
        units = " and ".join(sorted({performed.load.unit for performed in export.sets}))
        yield f"Unit: {units} ({'as the file says' if export.says_unit else assumed.unit_from})."
        zone = "as the file says" if export.says_zone else f"{assumed.time_zone} ({assumed.time_zone_from})"
        yield f"Time zone: {zone}."
    if not export.has_times:
        yield "Time of day: the file has none; sets are put from noon on."
    names = _names(prepared.matched)
    yield f"Exercises of the catalogue: {len(names)}" + (": " + escape(", ".join(names)) if names else "") + "."
    if names := _names(prepared.mapped):
        yield f"As the gym mapped them: {len(names)}: {escape(', '.join(names))}."
    names = _names(prepared.own)
    yield f"The gym's own: {len(names)}" + (": " + escape(", ".join(names)) if names else "") + "."


def became(imported: Imported, lifter: LifterRef) -> Iterator[Table | str]:
    """What became of the events that a file was read as."""
    table = Table("events", "what became of them", "lines")
    table.add_row(str(imported.outcomes.get("appended", 0)), "appended")
    table.add_row(str(imported.outcomes.get("already_appended", 0)), "already in the log")
    if imported.differing:
        table.add_row(
            str(len(imported.differing)), "in the log with other content, which was kept", _some(imported.differing)
        )
    for reason, refused in sorted(imported.refused.items()):
        table.add_row(str(len(refused)), f"refused: {escape(reason)}", _some(refused))
    for code, warned in sorted(imported.prepared.warned.items()):
        table.add_row(str(len(warned)), f"taken with a warning: {code}", _some([line for line, _ in warned]))
    yield table
    for code, warned in sorted(imported.prepared.warned.items()):
        for detail in list(dict.fromkeys(detail for _, detail in warned))[:_DETAILS_SHOWN]:
            yield f"Warning ({code}): {escape(detail)}."
    if imported.differing:
        yield "Rows that differ were edited in the app since, or read with another unit or time zone before."
    if not imported.prepared.lines:
        return
    import_id, gym = imported.prepared.import_id, "" if lifter.gym == DEFAULT_GYM else f" --gym {lifter.gym}"
    yield f"Import {import_id}: `spotter import take-back {import_id} --lifter {lifter.lifter}{gym}` undoes it."


def _names(ids: Mapping[str, str]) -> list[str]:
    return [f"{name} ({made})" for name, made in sorted(ids.items(), key=lambda pair: pair[1])]


def _some(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_LINES_SHOWN]))
    return shown if len(lines) <= _LINES_SHOWN else f"{shown}, ..."
