"""Files that people really have, and files that nobody should: every row is taken or told, or the file is refused."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from service.trackers.export import Export, ExportUnreadable
from service.trackers.reader import Answers, read_export

ANSWERS = Answers("kg", ZoneInfo("Europe/Berlin"))
STRONG = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n"
SQUAT = "2024-03-04 18:00:00,A,Squat (Barbell),1,100,5,0,0,,,\n"
HEVY = "title,start_time,exercise_title,set_type,weight_kg,weight_lbs,reps\n"


def read(content: str | bytes) -> Export:
    export = read_export(content.encode() if isinstance(content, str) else content, ANSWERS)
    assert export.rows == len(export.sets) + len(export.notes) + len(export.skipped)
    return export


def loads(export: Export) -> list[str]:
    return [str(performed.load) for performed in export.sets]


@pytest.mark.parametrize(
    ("content", "taken", "skipped"),
    [
        ((STRONG + SQUAT).encode("utf-16"), ["100 kg"], []),
        ((STRONG + SQUAT).encode("utf-16-le"), ["100 kg"], []),
        ((STRONG + SQUAT).encode("utf-16-be"), ["100 kg"], []),
        ("\ufeff" + (STRONG + SQUAT).replace("\n", "\r\n"), ["100 kg"], []),
        ((STRONG + SQUAT).replace("\n", "\r"), ["100 kg"], []),
        ((STRONG + SQUAT).replace("100", "102.5").replace(",", ";").replace("102.5", "102,5"), ["102.5 kg"], []),
        (STRONG + SQUAT.replace("100", "102,5"), [], [2]),
        (STRONG + SQUAT + ",,,,,,,,,,\nTotal,,,,5000,50,,,,,\n", ["100 kg"], [4]),
        (STRONG + SQUAT + STRONG + SQUAT, ["100 kg", "100 kg"], [3]),
        (STRONG + SQUAT.replace("2024-03-04 18:00:00", "1709571600"), [], [2]),
        (
            STRONG
            + SQUAT.replace("100", "NaN")
            + SQUAT.replace("100", "1e3")
            + SQUAT.replace("100", "\N{ARABIC-INDIC DIGIT FIVE}"),
            [],
            [2, 3, 4],
        ),
        (STRONG, [], []),
        (
            'sep=;\r\nDate;;Exercise;Category;Weight (kg);Reps\r\n04.03.2024;;Kniebeuge;Beine;"100,5";5\r\n',
            ["100.5 kg"],
            [],
        ),
        (HEVY + 'A,"3 Okt. 2025, 07:48",Squat,normal,60,132.3,8\n', ["60 kg"], []),
        (HEVY + 'A,"3 févr. 2025, 07:48",Squat,normal,,135,8\n', ["135 lb"], []),
        (HEVY + 'A,"3 Mär 2025, 07:48",Squat,normal,60,100,8\nA,"31 Feb 2025",Squat,normal,60,,8\n', [], [2, 3]),
    ],
)
def test_every_row_is_taken_or_told(content: str | bytes, taken: list[str], skipped: list[int]) -> None:
    export = read(content)
    assert (loads(export), [line for line, _ in export.skipped]) == (taken, skipped)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(500),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"PK\x03\x04 a sheet",
        STRONG.encode() + b"\xff\xfe",
        (STRONG + SQUAT.replace("Squat", "Squ\x00at")).encode(),
        (STRONG + SQUAT + '2024-03-04 18:00:00,"A,Squat\n' + SQUAT).encode(),
        STRONG.replace("Reps", "Weight").encode(),
        "Datum;Übung\n".encode("cp1252"),
        b"SQLite format 3\x00",
        b"[1, 2, 3]",
        b"{" * 100_000,
    ],
)
def test_what_is_no_export_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(ExportUnreadable):
        read(content)
