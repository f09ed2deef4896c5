"""What a start says about the rules that it published."""

import pytest

from service.running.startup_message import published
from service.usecases.rules.publish import Published


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], []),
        ([Published("mine", "a" * 64, None), Published("ours", "b" * 64, None)], ["Published mine, ours."]),
        (
            [Published(f"programme-{number}", "a" * 64, None) for number in range(6)],
            ["Published 6 programmes; `spotter rules list` shows them."],
        ),
        (
            [Published("mine", "a" * 64, "c" * 64), Published("ours", "b" * 64, None)],
            [
                "Published ours.",
                "Published the changed rules of mine (rule set aaaaaaaaaaaa, before that cccccccccccc).",
            ],
        ),
    ],
    ids=["nothing", "some", "many", "a changed one"],
)
def test_new_programmes_share_a_line_and_a_changed_one_has_its_own(changes: list[Published], said: list[str]) -> None:
    assert list(published(changes)) == said
