"""What docs/guides/programmes.md writes the checker takes: its whole file, and each progression of its table."""

import re
from pathlib import Path

import pytest

from service.engine.files.assembling import assembled
from tests.support.training import LIBRARY

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "programmes.md").read_text()
WHOLE = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
PROGRESSIONS = re.findall(r"`(\{[a-z-]+: \{.*?\}\})`", GUIDE)

SLOT = """\
programme: one
title: One
sources: [{title: a test}]
weeks: 4
days: [{day: a, slots: [{slot: lift, exercise: squat, progression: PROGRESSION}]}]
"""


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_file_is_taken(text: str) -> None:
    programme = text.split("\n", maxsplit=1)[0].removeprefix("programme: ")
    assert assembled({f"{programme}.yaml": text.encode()}, programme, LIBRARY).programme.id == programme


@pytest.mark.parametrize("progression", PROGRESSIONS)
def test_a_progression_is_taken(progression: str) -> None:
    text = SLOT.replace("PROGRESSION", progression).replace("successes: n, failures: m", "successes: 2, failures: 3")
    assert assembled({"one.yaml": text.encode()}, "one", LIBRARY).programme.id == "one"
