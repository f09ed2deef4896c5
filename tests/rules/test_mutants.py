"""Slips of the pen in the library's own schemes are refused or run; nothing else comes of them."""

import random
from pathlib import Path

from bench.mutants import mutants, noticed
from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.library import library_from_files, load_library

LIBRARY = load_library(Path(__file__).parents[2] / "rules")


def test_a_slip_is_refused_with_its_place_or_makes_a_scheme() -> None:
    chance = random.Random(2026)
    for scheme in LIBRARY.schemes.values():
        text = LIBRARY.files[scheme.file].decode()
        for mutant in chance.sample(list(mutants(scheme.file, text)), 5):
            errors: list[RuleError] = []
            try:
                library_from_files({mutant.file: mutant.text.encode()}, LIBRARY)
            except RuleSetInvalid as error:
                errors = error.errors
            assert all(each.line >= 1 and each.column >= 1 and each.message for each in errors)


def test_examples_and_proofs_notice_what_the_checker_lets_through() -> None:
    file = "progression/double-progression.yaml"
    changes = {(each.line, each.change): each for each in mutants(file, LIBRARY.files[file].decode())}
    lines = LIBRARY.files[file].decode().split("\n")
    raised = next(number for number, line in enumerate(lines, 1) if "else set.load + increase" in line)
    bounds = next(number for number, line in enumerate(lines, 1) if line.startswith("bounds:"))
    assert noticed(changes[raised, "increase → decrease"], LIBRARY) == "examples"
    assert noticed(changes[bounds, "increase → decrease"], LIBRARY) == "proofs"
    assert noticed(changes[raised, "+ → -"], LIBRARY) == "checker"
