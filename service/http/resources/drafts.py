"""Rule files that a gym is writing: checked, their examples run, compared with others; nothing is written."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response

from service.domain.errors import InvalidInput, RuleSetInvalid
from service.http.auth import caller
from service.http.bodies import json_body
from service.http.replies import reply
from service.http.rules_json import comparison_json, coverage_json, draft_json, example_json, mistake_json
from service.http.schemas.drafts import diff_of, files_of
from service.http.schemas.queries import NO_QUERY, query
from service.http.strict_json import read
from service.usecases.rules.compare_rule_sets import Side, compare
from service.usecases.rules.drafts import coverage_of, drafted, run_examples
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.rules.simulate import mistakes, named_rule_set
from service.usecases.services import Services

LARGEST_DRAFT: Final = 1024 * 1024
"""Bytes in the body of a request with rule files."""

_MOST_MISTAKES: Final = 100
_HELD: Final = ("doubts", "schemes", "programmes", "exercises", "borrowed")
"""What files hold, of each a list: none of it where they are wrong."""


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.post("/v1/rules/checks")
    def check_rules() -> Response:
        """What rule files hold, or every mistake in them at its place."""
        query(NO_QUERY)
        files = files_of(read(json_body(LARGEST_DRAFT)))
        try:
            return reply({"ok": True, **draft_json(drafted(files, services.rule_sets.library()))})
        except RuleSetInvalid as error:
            found = [mistake_json(each) for each in error.errors[:_MOST_MISTAKES]]
            return reply({"ok": False, "mistakes": found, **dict.fromkeys(_HELD, ())})

    @app.post("/v1/rules/tests")
    def run_rule_examples() -> Response:
        """Run the examples in rule files."""
        query(NO_QUERY)
        files = files_of(read(json_body(LARGEST_DRAFT)))
        try:
            draft = drafted(files, services.rule_sets.library())
        except RuleSetInvalid as error:
            raise InvalidInput(*mistakes(error, "files")) from None
        tried = list(run_examples(draft))
        asked = {rule for each in tried for rule in each.came.asked}
        return reply(
            {
                "ok": not any(each.came.failures for each in tried),
                "examples": [example_json(draft, each) for each in tried],
                "coverage": coverage_json(draft, coverage_of(draft, asked)),
            }
        )

    @app.post("/v1/rules/diffs")
    def diff_rules() -> Response:
        """How two rule sets differ, in their files and in what they prescribe."""
        query(NO_QUERY)
        gym = caller().gym
        asked = diff_of(read(json_body(2 * LARGEST_DRAFT)))
        before, after = (
            Side(named_rule_set(services, rules, field, gym=gym), GymRuleSets(services, gym))
            for field, rules in (("before", asked.before), ("after", asked.after))
        )
        return reply(comparison_json(compare(before, after, asked.weeks)))
