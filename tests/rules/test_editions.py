"""A programme may name the edition by which it is read; one that names none is of the first, for ever."""

import json

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.editions import edition_of
from service.engine.files.library import Library, library_from_files
from service.engine.version import EDITIONS, NEWEST_EDITION, UNNAMED_EDITION
from tests.support.training import LIBRARY, RULES

FILE = "programmes/upper-back.yaml"


def naming(edition: str) -> Library:
    """The library, with an upper-back that names an edition on its second line."""
    head, rest = LIBRARY.files[FILE].split(b"\n", 1)
    return library_from_files({**LIBRARY.files, FILE: head + f"\nedition: {edition}\n".encode() + rest})


def test_who_names_none_is_of_the_first() -> None:
    """Whatever is the newest: what was archived without a name means what it meant."""
    assert UNNAMED_EDITION == EDITIONS[0] == 1
    assert {LIBRARY.rule_set(programme).edition for programme in LIBRARY.programmes} == {1}
    assert edition_of(LIBRARY.rule_set("upper-back").files) == 1


def test_who_names_the_first_says_the_same_in_other_bytes() -> None:
    named, unnamed = naming("1").rule_set("upper-back"), LIBRARY.rule_set("upper-back")
    assert named.programme == unnamed.programme
    assert named.digest != unnamed.digest


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_rule_set_carries_it(edition: int) -> None:
    rule_set = naming(str(edition)).rule_set("upper-back")
    assert (rule_set.edition, edition_of(rule_set.files)) == (edition, edition)


@pytest.mark.parametrize(
    ("edition", "message"),
    [
        (str(NEWEST_EDITION + 1), "It may need a newer Spotter."),
        ("0", f"this Spotter has no edition 0; it has edition {EDITIONS[0]}"),
        ("newest", "edition is a whole number, but here is newest."),
        ("1.0", "edition is a whole number"),
        ("[1]", "edition"),
    ],
)
def test_others_are_refused_with_their_place(edition: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as caught:
        naming(edition)
    (error,) = caught.value.errors
    assert (error.file, error.line, error.column) == (FILE, 2, 10)
    assert message in error.message


def test_an_edition_that_this_spotter_has_not_is_known_by_its_number() -> None:
    assert edition_of({FILE: b"programme: upper-back\nedition: 99\n"}) == 99


@pytest.mark.parametrize(
    "data", [b"", b"edition: newest\n", b"- edition\n", b"[" * 60_000, b"\xe9", b"edition: {1: 2}\n"]
)
def test_where_no_edition_can_be_read_the_checker_has_its_say(data: bytes) -> None:
    assert edition_of({FILE: data}) == UNNAMED_EDITION


def test_the_schema_knows_the_same_editions() -> None:
    schema = json.loads((RULES / "schema" / "programme.json").read_text())["properties"]["edition"]
    assert (schema["enum"], schema["default"]) == (list(EDITIONS), UNNAMED_EDITION)
