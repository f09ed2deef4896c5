"""What takes long, as resources that tell how far they are: rollouts and backtests of a gym."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response

from service.domain.instants import render
from service.engine.simulate.walk_forward import total
from service.http.auth import caller
from service.http.backtest_json import case_json, measure_json
from service.http.bodies import json_body
from service.http.replies import reply, reply_page, time_or_none
from service.http.resources.drafts import LARGEST_DRAFT
from service.http.resources.overviews import lifter_after
from service.http.rules_json import effect_json
from service.http.schemas.drafts import BACKTEST, ROLLOUT
from service.http.schemas.identifiers import TASK
from service.http.schemas.loading import loaded
from service.http.schemas.queries import NO_QUERY, PAGE, in_path, query
from service.http.schemas.simulations import rules_of
from service.http.strict_json import read
from service.usecases.rules import long_tasks as tasks
from service.usecases.rules.long_tasks import BacktestTask, RolloutTask, Task
from service.usecases.services import Services

_LARGEST_ROLLOUT: Final = 128 * 1024
"""Bytes in the body of a request for a rollout, which may name many lifters."""


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""
    _register_rollouts(app, services)
    _register_backtests(app, services)


def _register_rollouts(app: Flask, services: Services) -> None:
    @app.post("/v1/rollouts")
    def create_rollout() -> Response:
        """Preview a rollout in the gym, or do it."""
        query(NO_QUERY)
        asked, gym = loaded(ROLLOUT, read(json_body(_LARGEST_ROLLOUT))), caller().gym
        rollout = tasks.gyms_rollout(services, gym, asked["programme"], asked.get("from"), asked.get("to"))
        task = tasks.begin_rollout(services, gym, rollout, lifters=asked.get("lifters"), preview=asked["preview"])
        return _accepted("rollouts", rollout_json(task), task)

    @app.get("/v1/rollouts/<rollout>")
    def get_rollout(rollout: str) -> Response:
        """How far a rollout is."""
        query(NO_QUERY)
        return reply(rollout_json(tasks.find(services, caller().gym, RolloutTask, in_path("rollout", rollout, *TASK))))

    @app.get("/v1/rollouts/<rollout>/lifters")
    def list_rollout_lifters(rollout: str) -> Response:
        """Everybody whom a rollout concerns, as far as it has come."""
        page, task = query(PAGE), in_path("rollout", rollout, *TASK)
        after, limit = lifter_after(page), page["limit"]
        return reply_page("lifters", *tasks.concerned(services, caller().gym, task, after=after, limit=limit))

    @app.post("/v1/rollouts/<rollout>/stop")
    def stop_rollout(rollout: str) -> Response:
        """Stop a rollout where it is."""
        query(NO_QUERY)
        return reply(rollout_json(tasks.stop(services, caller().gym, RolloutTask, in_path("rollout", rollout, *TASK))))


def _register_backtests(app: Flask, services: Services) -> None:
    @app.post("/v1/backtests")
    def create_backtest() -> Response:
        """Try rules on the logs of the gym."""
        query(NO_QUERY)
        asked = loaded(BACKTEST, read(json_body(LARGEST_DRAFT)))
        rules, lifters = rules_of(asked["rule_set"]), asked.get("lifters")
        task = tasks.begin_backtest(services, caller().gym, rules, lifters=lifters, most_worst=asked["worst"])
        return _accepted("backtests", backtest_json(task), task)

    @app.get("/v1/backtests/<backtest>")
    def get_backtest(backtest: str) -> Response:
        """How far a backtest is, and what was found so far."""
        query(NO_QUERY)
        found = tasks.find(services, caller().gym, BacktestTask, in_path("backtest", backtest, *TASK))
        return reply(backtest_json(found))

    @app.post("/v1/backtests/<backtest>/stop")
    def stop_backtest(backtest: str) -> Response:
        """Stop a backtest where it is."""
        query(NO_QUERY)
        found = tasks.stop(services, caller().gym, BacktestTask, in_path("backtest", backtest, *TASK))
        return reply(backtest_json(found))


def rollout_json(task: RolloutTask) -> dict[str, Any]:
    """A rollout as the contract has it; the effect of one that is previewed alone."""
    effect = effect_json(task.effect)
    for each in (*effect["most"], *effect["left"]):
        del each["gym"]
    left = effect.pop("left")
    return {
        "rollout": task.id,
        "programme": task.programme,
        "from": task.source,
        "to": task.target,
        "preview": task.preview,
        **_progress(task),
        "effect": effect if task.preview else None,
        "moved": task.moved,
        "left": left,
    }


def backtest_json(task: BacktestTask) -> dict[str, Any]:
    """A backtest as the contract has it; the exercises with the most cases first."""
    exercises = sorted(task.exercises.items(), key=lambda item: (-item[1].cases, item[0]))
    return {
        "backtest": task.id,
        "rule_set": task.rule_set,
        **_progress(task),
        "total": measure_json(total(task.exercises.values())),
        "exercises": [{"exercise": exercise, **measure_json(measure)} for exercise, measure in exercises],
        "worst": [{"lifter": lifter, **case_json(case)} for lifter, case in task.worst],
        "troubles": [{"lifter": lifter, "why": why} for lifter, why in task.troubles.items()],
    }


def _progress(task: Task) -> dict[str, Any]:
    return {
        "status": task.status,
        "created_at": render(task.created_at),
        "ended_at": time_or_none(task.ended_at),
        "lifters": {"done": task.done, "total": task.total},
    }


def _accepted(kind: str, document: dict[str, Any], task: Task) -> Response:
    response = reply(document, 202)
    response.headers["Location"] = f"/v1/{kind}/{task.id}"
    return response
