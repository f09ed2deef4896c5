"""Tasks about rules that take long, with how far they are: walks forward over the gym's logs, drafts, rollouts."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import InvalidInput, NotFound, TaskUnderWay
from service.domain.identifiers import GYM_OR_LIFTER
from service.engine.changes.rollout_effect import EDGES, Effect, histogram
from service.engine.simulate.walk_forward import total
from service.http.auth import caller
from service.http.pages.frame import Frame, see_other, sentences
from service.http.schemas.identifiers import TASK
from service.http.schemas.queries import in_path
from service.usecases.rules import long_tasks as tasks
from service.usecases.rules.long_tasks import BacktestTask, DraftTask, RolloutTask
from service.usecases.services import Services

SHARES: Final = {
    "within_5_percent": "asked for within 5 % of what was lifted",
    "within_10_percent": "asked for within 10 %",
    "last_time_within_5_percent": "last time’s load within 5 %, to hold that against",
    "raises_foreseen": "raises of theirs that were asked for",
    "raises_right": "raises asked for that they made",
    "lowered_in_vain": "lowered although they lifted as much as last time",
    "asked_too_much": "asked for more than 5 % above the day’s best",
}
"""What of a measure is shown, in words."""


_LIFTERS_A_PAGE: Final = 100


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""
    _register_backtests(pages, services, frame)
    _register_drafts(pages, services, frame)
    _register_rollouts(pages, services, frame)


def _register_backtests(pages: Blueprint, services: Services, frame: Frame) -> None:
    @pages.get("/rules/backtests/<task>")
    def show_backtest(task: str) -> Response:
        """How far a walk forward is, and what was found so far."""
        found = tasks.find(services, caller().gym, BacktestTask, in_path("task", task, *TASK))
        exercises = sorted(found.exercises.items(), key=lambda item: (-item[1].cases, item[0]))
        measure = total(found.exercises.values())
        return frame.page("backtest.html", task=found, total=measure, exercises=exercises, words=SHARES)

    @pages.post("/rules/backtests/<task>")
    def change_backtest(task: str) -> AnyResponse:
        """Stop a walk forward where it is."""
        tasks.stop(services, caller().gym, BacktestTask, in_path("task", task, *TASK))
        return see_other(url_for("pages.show_backtest", task=task))


def _register_drafts(pages: Blueprint, services: Services, frame: Frame) -> None:
    @pages.get("/rules/drafts/<task>")
    def show_draft(task: str) -> Response:
        """Which lifters a draft would move, and by how much, so far."""
        found = tasks.find(services, caller().gym, DraftTask, in_path("task", task, *TASK))
        return frame.page("draft.html", task=found, bins=bins_of(found.effect))

    @pages.post("/rules/drafts/<task>")
    def change_draft(task: str) -> AnyResponse:
        """Stop finding that out."""
        tasks.stop(services, caller().gym, DraftTask, in_path("task", task, *TASK))
        return see_other(url_for("pages.show_draft", task=task))


def bins_of(effect: Effect) -> list[tuple[int | None, int | None, int]]:
    """By how much loads change: from where to where (None: on), and how often, the bins that have any."""
    edges = zip((None, *EDGES), (*EDGES, None), histogram(effect.moves), strict=True)
    return [each for each in edges if each[2]]


def _register_rollouts(pages: Blueprint, services: Services, frame: Frame) -> None:
    def page(task: str, status: int = 200, wrong: list[str] | None = None) -> Response:
        gym, after = caller().gym, request.args.get("after")
        if after is not None and not GYM_OR_LIFTER.fullmatch(after):
            raise NotFound("no lifter is called that")
        found = tasks.find(services, gym, RolloutTask, in_path("task", task, *TASK))
        whom = tasks.concerned(services, gym, found.id, after=after, limit=_LIFTERS_A_PAGE)
        bins = bins_of(found.effect)
        return frame.page("rollout.html", status, task=found, bins=bins, whom=whom, after=after, wrong=wrong)

    @pages.get("/rules/rollouts/<task>")
    def show_rollout(task: str) -> Response:
        """How far a rollout or its preview is: for whom something changes, what, and by how much."""
        return page(task)

    @pages.post("/rules/rollouts/<task>")
    def change_rollout(task: str) -> AnyResponse:
        """Stop a rollout where it is, or do what was previewed."""
        gym = caller().gym
        found = tasks.find(services, gym, RolloutTask, in_path("task", task, *TASK))
        if request.form.get("do") == "stop":
            tasks.stop(services, gym, RolloutTask, found.id)
            return see_other(url_for("pages.show_rollout", task=task))
        try:
            begun = tasks.begin_rollout(services, gym, found.rollout, lifters=found.lifters, preview=False)
        except TaskUnderWay as error:
            return page(task, 409, sentences(error))
        return see_other(url_for("pages.show_rollout", task=begun.id))

    @pages.post("/rules/rollouts")
    def begin_rollout() -> AnyResponse:
        """Preview what taking everybody to the newest version of a programme would change."""
        gym = caller().gym
        try:
            rollout = tasks.gyms_rollout(services, gym, request.form.get("programme", ""), None, None)
            begun = tasks.begin_rollout(services, gym, rollout, lifters=None, preview=True)
        except (InvalidInput, TaskUnderWay) as error:
            for each in sentences(error):
                flash(f"{each[0].upper()}{each[1:]}.")
            return see_other(f"{url_for('pages.show_workbench')}#said")
        return see_other(url_for("pages.show_rollout", task=begun.id))
