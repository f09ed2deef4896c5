"""The rule sets that README, guides and the contract show are those of the rules beside them.

The guides' own test blanks digests out, since most of them differ from run to run. A rule set's does not, and a reader
may look it up.
"""

import re
from pathlib import Path

import pytest

from service.domain.prescription import PrescriptionId
from service.engine.version import ENGINE_VERSION
from tests.support.training import LIBRARY

_ROOT = Path(__file__).parents[2]
_DOCUMENTS = [_ROOT / "README.md", _ROOT / "openapi.yaml", *sorted((_ROOT / "docs" / "guides").glob("*.md"))]
_PROGRAMME = r'"?programme"?: "?(?P<{}>[a-z0-9-]+)"?'
_DIGEST = r'"?digest"?: "?(?P<{}>[0-9a-f]{{64}})"?'
_SHOWN = re.compile(
    f"{_PROGRAMME.format('of')}, {_DIGEST.format('digest')}|{_DIGEST.format('first')}, {_PROGRAMME.format('after')}"
)


_PRESCRIPTION_ID = re.compile(r"\bl[a-z][A-Za-z0-9_-]{60,}")
"""How an id begins that was packed as one."""


def _shown_ids() -> list[tuple[str, PrescriptionId]]:
    """Document and what an id of a prescription in it says, wherever one is shown."""
    return [
        (document.name, PrescriptionId.decode(shown))
        for document in _DOCUMENTS
        for shown in _PRESCRIPTION_ID.findall(document.read_text("utf-8"))
    ]


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


def test_an_id_of_a_prescription_shown_is_of_this_engine_and_these_rules() -> None:
    """Whoever decodes the README's id finds the rules that stand beside it."""
    shown = _shown_ids()
    assert {document for document, _ in shown} >= {"README.md", "openapi.yaml", "explain-it.md"}
    digests = {LIBRARY.rule_set(programme).digest for programme in LIBRARY.programmes}
    for document, said in shown:
        assert said.engine == ENGINE_VERSION, document
        assert said.digest in digests, document
