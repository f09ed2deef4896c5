"""The JSON Schemas that editors complete and check rule files with describe the files that there are."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from service.engine.files.exercise_files import EQUIPMENT
from service.engine.files.language_reference import markdown

RULES = Path(__file__).parents[2] / "rules"
FOLDERS = {
    "catalogue": "catalogue",
    "exercises": "exercise",
    "progression": "progression",
    "deload": "deload",
    "programmes": "programme",
}
FILES = [path for folder in FOLDERS for path in sorted((RULES / folder).glob("*.yaml"))]


def schema(name: str) -> Any:
    return json.loads((RULES / "schema" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", FOLDERS.values())
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_rule_file_is_as_its_schema_says(path: Path) -> None:
    validator = Draft202012Validator(schema(FOLDERS[path.parent.name]))
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_a_schema_refuses_what_the_loader_refuses() -> None:
    document = yaml.safe_load((RULES / "progression" / "double-progression.yaml").read_bytes())
    document["after set"][0]["outcom"] = document["after set"][0].pop("outcome")
    assert not Draft202012Validator(schema("progression")).is_valid(document)


def test_the_equipment_of_schema_and_loader_is_the_same() -> None:
    assert tuple(schema("exercise")["properties"]["equipment"]["enum"]) == EQUIPMENT


def test_the_parts_that_schemas_share_are_the_same() -> None:
    for part in ("name", "sources"):
        assert len({json.dumps(schema(name)["$defs"][part]) for name in FOLDERS.values()}) == 1


def test_the_readmes_reference_is_what_the_code_says() -> None:
    readme = (RULES / "README.md").read_text()
    made = readme.partition("<!-- reference -->\n\n")[2].partition("\n<!-- end of the reference -->")[0]
    assert made == markdown(), "write it anew with `spotter rules facts --markdown`"
