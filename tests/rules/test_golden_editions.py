"""What an edition has answered it answers for ever: the bundles in tests/data/editions/ hold."""

from pathlib import Path

import pytest

from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read
from service.engine.version import EDITIONS
from tests.support.editions import EDITIONS as FOLDER
from tests.support.editions import GOLDENS

BUNDLES = sorted(FOLDER.glob("*/*.ndjson"))


def test_every_edition_has_its_bundles() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(map(str, EDITIONS))
    assert len(BUNDLES) == len(EDITIONS) * len(GOLDENS)


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_answers_the_same(path: Path) -> None:
    with path.open("rb") as lines:
        bundle = read(lines)
    assert [flaw for each in check(bundle) for flaw in each.flaws] == []
    assert bundle.derived.edition == int(path.parent.name)
