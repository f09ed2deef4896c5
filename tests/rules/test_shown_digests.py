"""The rule sets that README, guides and the contract show are those of the rules beside them.

The guides' own test blanks digests out, since most of them differ from run to run. A rule set's does not, and a reader
may look it up.
"""

import re
from pathlib import Path

import pytest

from tests.support.training import LIBRARY

_ROOT = Path(__file__).parents[2]
_DOCUMENTS = [_ROOT / "README.md", _ROOT / "openapi.yaml", *sorted((_ROOT / "docs" / "guides").glob("*.md"))]
_PROGRAMME = r'"?programme"?: "?(?P<{}>[a-z0-9-]+)"?'
_DIGEST = r'"?digest"?: "?(?P<{}>[0-9a-f]{{64}})"?'
_SHOWN = re.compile(
    f"{_PROGRAMME.format('of')}, {_DIGEST.format('digest')}|{_DIGEST.format('first')}, {_PROGRAMME.format('after')}"
)


def _shown() -> list[tuple[str, str, str]]:
    """Document, programme and digest, wherever the two stand side by side and the programme is one of the library."""
    found = [
        (document.name, match) for document in _DOCUMENTS for match in _SHOWN.finditer(document.read_text("utf-8"))
    ]
    named = [(name, match["of"] or match["after"], match["digest"] or match["first"]) for name, match in found]
    return [(name, programme, digest) for name, programme, digest in named if programme in LIBRARY.programmes]


def test_some_are_shown() -> None:
    assert {name for name, _, _ in _shown()} >= {"README.md", "openapi.yaml"}


@pytest.mark.parametrize(("document", "programme", "digest"), sorted(set(_shown())))
def test_a_rule_set_shown_is_that_of_the_library(document: str, programme: str, digest: str) -> None:
    assert digest == LIBRARY.rule_set(programme).digest, f"{document} shows an older {programme}"
