"""The search for a better performance that is prescribed less finds what a slip of the pen breaks (`make laws`)."""

from random import Random
from typing import Final

import pytest
from hypothesis import Phase, find, settings

from service.engine.files.library import library_from_files
from tests.properties.test_better_never_less import LAW, Searched, compared
from tests.support.training import LIBRARY

pytestmark = pytest.mark.laws

SLIPS: Final = {
    "a heavy failure counts as performed": (
        "amrap-steps",
        "greyskull",
        "min(lifted, load)'\n  fall_w",
        "lifted'\n  fall_w",
    ),
    "a record is missed by too many": ("weekly-record", "madcow", "each.reps >= wanted for", "each.reps == wanted for"),
}
"""By what is wrong with it a scheme, a programme that uses it, what stands in its file and what would stand there."""


@pytest.mark.parametrize("slip", SLIPS)
def test_the_search_finds_what_a_slip_breaks(slip: str) -> None:
    scheme, programme, old, new = SLIPS[slip]
    file = LIBRARY.schemes[scheme].file
    text = LIBRARY.files[file].decode()
    assert text.count(old) == 1
    mutant = library_from_files({**LIBRARY.files, file: text.replace(old, new).encode()}).rule_set(programme)
    found = find(
        compared(Searched([mutant])),
        lambda wrong: wrong is not None,
        settings=settings(LAW, phases=[Phase.generate], max_examples=1000),
        random=Random(2026),
    )
    assert found is not None
