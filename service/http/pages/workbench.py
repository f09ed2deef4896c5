"""The workbench for rules: a copy of any file is changed, checked, tried on lifters, compared, and published.

Each button is a use case that the API has as well. Whatever one of them refuses, the text that was written comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from flask import Blueprint, Response, request
from markupsafe import Markup

from service.domain.errors import (
    Erased,
    InvalidInput,
    NotFound,
    RuleError,
    RuleSetInvalid,
    TaskUnderWay,
    TooManyProgrammes,
)
from service.engine.simulate.made_up_lifter import CHARACTERS
from service.http.auth import Forbidden, caller, lifter_of
from service.http.pages.bench import WEEKS, Bench, sent_bench
from service.http.pages.frame import Frame, sentences
from service.usecases.rules import long_tasks as tasks
from service.usecases.rules import published_library
from service.usecases.rules.compare_rule_sets import Side, compare
from service.usecases.rules.drafts import Draft, coverage_of, drafted, run_examples
from service.usecases.rules.gym_programmes import publish_own
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.rules.load_chart import loads_svg
from service.usecases.rules.simulate import MOST_BYTES, OwnRules, named_rule_set
from service.usecases.rules.workbench import as_original, copied, followed, slot_courses, trained
from service.usecases.services import Services

Found: TypeAlias = dict[str, Any]
"""What a button found out, by the name that the page's template knows it by."""

_REFUSED: Final = (InvalidInput, NotFound, Erased, TaskUnderWay, TooManyProgrammes, Forbidden)
_COMPARED_WEEKS: Final = 6
_WORST: Final = 5
_MOST_SHOWN: Final = 100
"""Differences, mistakes and examples that a page shows."""


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    def page(bench: Bench | None, status: int = 200, **found: Any) -> Response:
        gym = caller().gym
        programmes = published_library.find_programmes(services, gym=gym)
        schemes = [each.item for each in published_library.find_schemes(services)]
        return frame.page(
            "workbench.html",
            status,
            bench=bench,
            own=published_library.own_programmes(services, gym),
            programmes=[each.item.programme for each in programmes],
            schemes=schemes,
            characters=CHARACTERS,
            tasks=[] if bench else tasks.listed(services, gym)[:_MOST_SHOWN],
            now=services.clock(),
            longest=MOST_BYTES,
            **{"weeks": WEEKS, "mistakes": {}, "wrong": (), **found},
        )

    @pages.get("/rules/workbench")
    def show_workbench() -> Response:
        """What can be laid on the workbench, or a copy of it."""
        kind, _, name = request.args.get("copy", "").partition(":")
        if not kind:
            return page(None)
        files, base = copied(services, kind, name, gym=caller().gym)
        bench = Bench((), base=base or "").with_files(files)
        return page(bench if bench.programme else bench._replace(programme=_user_of(services, bench)))

    @pages.post("/rules/workbench")
    def try_rules() -> Response:
        """Do with what lies on the workbench what a button says."""
        bench, do = sent_bench(request.form), request.form.get("do", "check")
        if do == "add":
            return page(_added(services, bench))
        if do.startswith("remove:"):
            return page(bench.without(do.removeprefix("remove:")))
        try:
            draft = drafted(bench.texts(), services.rule_sets.library())
            found = _BUTTONS.get(do, _check)(services, bench, draft)
        except RuleSetInvalid as error:
            return page(bench, mistakes=_by_file(error.errors), done=do)
        except _REFUSED as error:
            return page(bench, 422, wrong=sentences(error), done=do)
        return page(bench, done=do, **found)


def _check(_services: Services, _bench: Bench, draft: Draft) -> Found:
    return {"checked": draft, "borrowed": sorted(draft.borrowed)}


def _test(_services: Services, _bench: Bench, draft: Draft) -> Found:
    tried = list(run_examples(draft))
    covered = coverage_of(draft, {rule for each in tried for rule in each.came.asked})
    return {"tried": tried, "covered": covered, "lacking": [each for each in covered if not each.whole]}


def _simulate(services: Services, bench: Bench, _draft: Draft) -> Found:
    gym = caller().gym
    rule_set = named_rule_set(services, bench.rules(), "programme", gym=gym)
    if bench.real:
        if "read" not in caller().scopes:
            raise Forbidden("to look at a lifter's training your key needs the scope read as well")
        of = bench.real
        simulated = followed(services, rule_set, lifter_of(of))
    else:
        of = f"a made-up lifter, {bench.made_up()}"
        simulated = trained(services, rule_set, bench.made_up(), bench.weeks_of_training(), gym=gym)
    picture = Markup(loads_svg(rule_set.programme.title, simulated))  # noqa: S704 - drawn of numbers; leather escapes
    return {"picture": picture, "courses": slot_courses(simulated), "of": of, "sessions": len(simulated.sessions)}


def _compare(services: Services, bench: Bench, _draft: Draft) -> Found:
    gym = caller().gym
    written = bench.programme in bench.programmes
    beside = bench.base if written and bench.base else bench.programme
    try:
        before = published_library.published_programme(services, beside, gym=gym)
    except NotFound:
        raise NotFound(f"{beside} is not published yet, so there is nothing to hold it against") from None
    rules = OwnRules(as_original(bench.texts(), bench.programme, beside), beside)
    after = named_rule_set(services, rules, "programme", gym=gym)
    others = GymRuleSets(services, gym)
    compared = compare(Side(before, others), Side(after, others), _COMPARED_WEEKS)
    files = {path: values for path, values in compared.files.items() if values}
    return {"compared": compared, "files": files, "before": before, "same": before.digest == after.digest,
            "compared_weeks": _COMPARED_WEEKS, "most": _MOST_SHOWN}  # fmt: skip


def _backtest(services: Services, bench: Bench, _draft: Draft) -> Found:
    begun = tasks.begin_backtest(services, caller().gym, bench.rules(), lifters=None, most_worst=_WORST)
    return {"backtest": begun}


def _effect(services: Services, bench: Bench, _draft: Draft) -> Found:
    files = as_original(bench.texts(), bench.programme, bench.base) if bench.base else bench.texts()
    return {"effect": tasks.begin_draft(services, caller().gym, files)}


def _publish(services: Services, bench: Bench, _draft: Draft) -> Found:
    return {"published": publish_own(services, caller().gym, bench.programme, bench.texts())}


_BUTTONS: Final[Mapping[str, Callable[[Services, Bench, Draft], Found]]] = {
    "check": _check,
    "test": _test,
    "simulate": _simulate,
    "compare": _compare,
    "backtest": _backtest,
    "effect": _effect,
    "publish": _publish,
}


def _added(services: Services, bench: Bench) -> Bench:
    """The bench with a copy of another file beside those that are there; as it is where there is none to copy."""
    kind, _, name = bench.add.partition(":")
    try:
        files, base = copied(services, kind, name, gym=caller().gym)
    except NotFound:
        return bench
    return bench.with_files(files)._replace(base=bench.base or base or "", add="")


def _user_of(services: Services, bench: Bench) -> str:
    """A published programme that uses what lies on the bench; nothing where none does."""
    every = [each.item for each in published_library.find_programmes(services)]
    paths = {path for path, _ in bench.files}
    using = (each.programme.id for each in every if each.programme.days and not paths.isdisjoint(each.files))
    return next(using, "")


def _by_file(errors: list[RuleError]) -> dict[str, list[RuleError]]:
    """Mistakes by the file that they are in, in the order of its lines."""
    found: dict[str, list[RuleError]] = {}
    for each in sorted(errors, key=lambda error: (error.file, error.line, error.column))[:_MOST_SHOWN]:
        found.setdefault(each.file, []).append(each)
    return found
