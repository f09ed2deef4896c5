"""`spotter rules diff` between folders and what is archived."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.bootstrap import Services
from service.cli import main

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Rules of which a layoff, the default programme and a comment are other."""
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    edits = (
        ("deload/layoff.yaml", "default: 14", "default: 12"),
        ("programmes/default.yaml", "programme: default", "# mine\nprogramme: default"),
    )
    for file, old, new in edits:
        path = rules / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
    return rules


def diff(environment: dict[str, str], *arguments: object, status: int = 0) -> str:
    runner = CliRunner(env=environment)
    result = runner.invoke(main, ["rules", "diff", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.output


def test_two_folders_are_compared_whole(edited: Path) -> None:
    assert diff({}, RULES, edited) == (
        "deload/layoff.yaml\n  params, days, default: 14 → 12\nprogrammes/default.yaml: only comments or layout\n"
    )


def test_beside_a_rule_set_only_its_programme_counts(
    services: Services, environment: dict[str, str], edited: Path
) -> None:
    digest = services.archive.newest("upper-back")
    assert digest is not None
    expected = "deload/layoff.yaml\n  params, days, default: 14 → 12\n"
    assert diff(environment, digest[:10], edited) == expected
    assert diff({**environment, "SPOTTER_RULES_DIR": str(edited)}, digest) == expected
    assert "same, byte for byte" in diff({**environment, "SPOTTER_RULES_DIR": str(RULES)}, digest)


def test_what_names_no_rules_is_refused(services: Services, environment: dict[str, str]) -> None:
    told = diff(environment, "published", status=1)
    assert f"begins with 'published'; published: {min(services.archive.published().values())[:12]}" in told
