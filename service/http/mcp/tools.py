"""What an assistant can ask for: tools, each an operation of the contract that changes nothing of lifters or rules.

A tool's arguments are the operation's parameters under their own names, or the fields of its body. What they may be is
checked where the operation is answered; the schemas here tell an assistant beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple, get_args
from urllib.parse import urlencode

from service.domain.errors import InvalidInput, Problem
from service.domain.exercises import Level
from service.engine.derive.why import OUTCOMES
from service.engine.ruleset.tags import MOST_DAYS_A_WEEK, MOST_MINUTES, Goal
from service.http.replies import encode
from service.http.schemas.events import DATA_SCHEMAS
from service.http.schemas.queries import MOST_AHEAD
from service.http.schemas.submissions import LATEST_VERSION
from service.usecases.gym.lifters import ONLY

_NEXT_PAGE: Final = "A list ends where next is null; else pass what follows after= in next as after."


class Tool(NamedTuple):
    """A tool: an operation by its id, method and path, and what an assistant is told of it.

    ``arguments`` are JSON Schemas by name. What stands in the path is needed, and so is what ``needs`` names.
    """

    operation: str
    method: str
    path: str
    title: str
    description: str
    arguments: Mapping[str, Any]
    needs: tuple[str, ...] = ()

    @property
    def in_path(self) -> list[str]:
        """The arguments that are parts of the path."""
        return [name for name in self.arguments if f"{{{name}}}" in self.path]

    def listed(self, name: str, lifter: str | None) -> dict[str, Any]:
        """The tool as a client is told of it; where there is but one ``lifter``, it need not be named."""
        needed = [each for each in (*self.in_path, *self.needs) if lifter is None or each != "lifter"]
        return {
            "name": name,
            "title": self.title,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": dict(self.arguments),
                "required": needed,
                "additionalProperties": False,
            },
            "annotations": {
                "title": self.title,
                "readOnlyHint": True,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }

    def asked(self, arguments: Mapping[str, Any]) -> Asked:
        """What is to be asked of the operation; raises `InvalidInput` for arguments that no request could carry."""
        wrong = [Problem(f"/{name}", "is needed") for name in (*self.in_path, *self.needs) if name not in arguments]
        wrong += [problem for name, value in arguments.items() for problem in self._wrong(name, value)]
        if wrong:
            raise InvalidInput(*wrong)
        path = self.path.format(**{name: arguments[name] for name in self.in_path})
        rest = {name: value for name, value in arguments.items() if name not in self.in_path}
        if self.method == "POST":
            try:
                return Asked(path, "", encode(rest))
            except RecursionError:
                raise InvalidInput(Problem("", "is nested too deeply")) from None
        return Asked(path, urlencode(rest), b"")

    def _wrong(self, name: str, value: Any) -> list[Problem]:
        schema = self.arguments.get(name)
        if schema is None:
            return [Problem(f"/{name[:64]}", f"is no argument of this tool, which takes {', '.join(self.arguments)}")]
        kind, takes = _KINDS[schema["type"]]
        if not isinstance(value, takes) or isinstance(value, bool):
            return [Problem(f"/{name}", f"must be {kind}")]
        if name in self.in_path and ("/" in str(value) or not value):
            return [Problem(f"/{name}", "must be a name without a slash")]
        return []


class Asked(NamedTuple):
    """A request for an operation: its path, as it reads unescaped, its query, and its body."""

    path: str
    query: str
    body: bytes


_KINDS: Final[Mapping[str, tuple[str, type | tuple[type, ...]]]] = {
    "string": ("a text", str),
    "integer": ("a whole number", int),
    "number": ("a number", (int, Decimal)),
    "object": ("an object", dict),
    "array": ("a list", list),
}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _whole(description: str, low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "description": description, "minimum": low, "maximum": high}


_TIME: Final = "RFC 3339 with an offset, such as 2026-11-30T18:00:00Z"
_LIFTER: Final = _text("Whose: the lifter's id, as lifters lists it.")
_EXERCISE: Final = _text("The exercise's id, such as barbell-row; exercises finds it.")
_PRESCRIPTION: Final = _text("prescription_id as next_session or next_of_exercise gave it.")
_AS_OF: Final[dict[str, Any]] = {
    "as_of": _text(f"As of which time; now where left out. {_TIME}."),
    "at_version": _whole("As the log stood when it had so many events; all of it where left out.", 1, LATEST_VERSION),
}
_PAGE: Final[dict[str, Any]] = {
    "limit": _whole("How many at most; 100 where left out.", 1, 1000),
    "after": _text("Where to go on: what follows after= in next of the page before."),
}
_OUTCOME: Final = _text("An outcome of the load: deload and lower are both less.", enum=list(OUTCOMES))
_TIMES: Final[dict[str, Any]] = {
    "from": _text(f"From this time on. {_TIME}."),
    "to": _text(f"Before this time. {_TIME}."),
}
_RULE_SET: Final = {
    "type": "object",
    "description": "Either digest of a published rule set (see programmes), or files (YAML by path, such as "
    "programmes/mine.yaml) and programme, one of theirs or of the library.",
    "properties": {
        "digest": {"type": "string"},
        "files": {"type": "object", "additionalProperties": {"type": "string"}},
        "programme": {"type": "string"},
    },
    "additionalProperties": False,
}
_SEARCHED: Final[dict[str, Any]] = {
    "q": _text("Words of its name, in any order and nearly as they are spelt."),
    **_PAGE,
}

TOOLS: Final[Mapping[str, Tool]] = {
    "lifters": Tool(
        "list_lifters",
        "GET",
        "/v1/lifters",
        "The gym's lifters",
        "The lifters of the gym that the key is of: id, when they trained last, and the programme that they follow. "
        f"Begin here to find whom a question is about. {_NEXT_PAGE}",
        {**_PAGE, "only": _text("Only who is due, or whose log no longer replays.", enum=list(ONLY))},
    ),
    "next_session": Tool(
        "get_next_session",
        "GET",
        "/v1/lifters/{lifter}/prescriptions",
        "The next session",
        "What a lifter should do next: a prescription for each slot (exercise) of the open session, or of the next "
        "one. Each has sets in order (load with its unit, kg or lb; reps as min and max; rir, repetitions in reserve; "
        "rest_s in seconds), the outcome (raise, hold, lower, deload, start, ...), because (why in a sentence, from "
        "the rule itself), and a prescription_id for why, why_not, what_if and diff. Loads are what the lifter's gym "
        "can put on; repeat them as they are.",
        {
            "lifter": _LIFTER,
            **_AS_OF,
            "ahead": _whole("So many sessions after the next, too, if all goes as asked.", 1, MOST_AHEAD),
            "include": _text("dormant: without a programme, all that was ever logged.", enum=["dormant"]),
        },
    ),
    "next_of_exercise": Tool(
        "get_prescription",
        "GET",
        "/v1/lifters/{lifter}/prescriptions/{exercise}",
        "What is next of an exercise",
        "One prescription, as next_session gives it, of one exercise of a lifter.",
        {
            "lifter": _LIFTER,
            "exercise": _EXERCISE,
            "slot": _text("Which, where a programme has several of the exercise: day and slot, such as day-1/squat."),
            **_AS_OF,
        },
    ),
    "why": Tool(
        "get_reasons",
        "GET",
        "/v1/lifters/{lifter}/derivations/{prescription_id}/why",
        "Why a prescription says what it says",
        "The reasons of a prescription as a tree of sentences: which rule of which file and line decided, by which "
        "condition, from which logged sets (event ids, times and numbers), back to where the load came from. It is "
        "derived from the log, so tell these reasons and make up no others.",
        {"lifter": _LIFTER, "prescription_id": _PRESCRIPTION},
    ),
    "why_not": Tool(
        "get_objections",
        "GET",
        "/v1/lifters/{lifter}/derivations/{prescription_id}/why-not",
        "Why it does not say something else",
        "What kept an expected outcome, such as raise, or a rule of that name from having its way in a prescription: "
        "for each rule concerned which part of its condition did not hold, with the numbers. Give either outcome or "
        "rule.",
        {
            "lifter": _LIFTER,
            "prescription_id": _PRESCRIPTION,
            "outcome": _OUTCOME,
            "rule": _text("The name of a rule, as why and why_not name them, such as top-of-range."),
        },
    ),
    "what_if": Tool(
        "get_alternatives",
        "GET",
        "/v1/lifters/{lifter}/derivations/{prescription_id}/what-if",
        "What would have been needed for another outcome",
        "The smallest changes to the last session's sets (repetitions, load, repetitions in reserve, or a further set) "
        "with which the outcome would have been the one wanted, such as raise for more, each with what would then be "
        "prescribed. Found by replaying the log so changed. Without outcome: for any other outcome.",
        {"lifter": _LIFTER, "prescription_id": _PRESCRIPTION, "outcome": _OUTCOME},
    ),
    "diff": Tool(
        "get_comparison",
        "GET",
        "/v1/lifters/{lifter}/derivations/{prescription_id}/diff",
        "What differs between two prescriptions",
        "What differs between a prescription and an earlier one of the same lifter: events that came, values, and "
        "which rules then decided otherwise.",
        {"lifter": _LIFTER, "prescription_id": _PRESCRIPTION, "against": _text("prescription_id of the other.")},
        needs=("against",),
    ),
    "log": Tool(
        "list_events",
        "GET",
        "/v1/lifters/{lifter}/events",
        "What a lifter logged",
        "The lifter's log, oldest first: sets with load and unit, reps or seconds, rpe or rir; sessions, programmes, "
        "baselines, corrections and notes. occurred_at is when it happened, recorded_at when it was logged. Narrow it "
        f"by exercise, type or time rather than reading all of it. {_NEXT_PAGE}",
        {
            "lifter": _LIFTER,
            "exercise": _EXERCISE,
            "type": _text("Events of this type only.", enum=list(DATA_SCHEMAS)),
            **_TIMES,
            **_PAGE,
        },
    ),
    "recommendations": Tool(
        "list_recommendations",
        "GET",
        "/v1/lifters/{lifter}/prescriptions/{exercise}/history",
        "What was recommended, and what was done",
        "What was prescribed of an exercise over time and what the lifter then did, oldest first, with a verdict: "
        f"followed, exceeded, missed or changed. {_NEXT_PAGE}",
        {"lifter": _LIFTER, "exercise": _EXERCISE, **_PAGE},
    ),
    "statistics": Tool(
        "get_statistics",
        "GET",
        "/v1/lifters/{lifter}/statistics",
        "Numbers over time",
        "Numbers over time of a lifter: by exercise estimated one-rep maxes, top sets, volume and records, by week "
        "sets of each muscle. Loads are in the unit that is named beside them. Narrow it by exercise and time.",
        {"lifter": _LIFTER, "exercise": _EXERCISE, **_TIMES, **_AS_OF},
    ),
    "exercises": Tool(
        "list_exercises",
        "GET",
        "/v1/exercises",
        "Find an exercise",
        "Exercises of the catalogue with their ids, other names, muscles, equipment, and steps of load in kg and lb; "
        f"the best matches first. {_NEXT_PAGE}",
        {
            "muscle": _text("A muscle's id that it trains, such as rhomboids."),
            "equipment": _text("An equipment's id that it needs, such as barbell or body-weight."),
            **_SEARCHED,
        },
    ),
    "programmes": Tool(
        "list_programmes",
        "GET",
        "/v1/programmes",
        "Find a programme",
        "Programmes that lifters can follow: days and slots with exercise and schemes, notes, sources, and the digest "
        f"under which rule_text has their rules. {_NEXT_PAGE}",
        {
            "goal": _text("What it is for.", enum=list(get_args(Goal))),
            "level": _text("For whom.", enum=list(get_args(Level))),
            "days_a_week": _whole("On how many days of a week one trains.", 1, MOST_DAYS_A_WEEK),
            "equipment": _text("All that there is to train with, commas between, as dumbbell,band."),
            "minutes": _whole("How long a session may take.", 1, MOST_MINUTES),
            **_SEARCHED,
        },
    ),
    "programme": Tool(
        "get_programme",
        "GET",
        "/v1/programmes/{programme}",
        "One programme",
        "One programme, as programmes lists it, in its newest version.",
        {"programme": _text("Its id, such as upper-back.")},
    ),
    "schemes": Tool(
        "list_schemes",
        "GET",
        "/v1/schemes",
        "Find a way to progress or to deload",
        f"Schemes that programmes use, or could: what each does, its parameters and sources. {_NEXT_PAGE}",
        _SEARCHED,
    ),
    "scheme": Tool(
        "get_scheme",
        "GET",
        "/v1/schemes/{scheme}",
        "One way to progress or to deload",
        "What a scheme does, in its author's words, its parameters with type, default and limits, and its sources.",
        {"scheme": _text("Its id, as programmes name it under progression and deloads.")},
    ),
    "rule_text": Tool(
        "get_rule_set",
        "GET",
        "/v1/rule-sets/{digest}",
        "The text of the rules",
        "The YAML files of a rule set by their paths: the programme and all schemes and exercises that it uses, "
        "exactly as they decide. It can be long; why names the file and line that matter.",
        {"digest": _text("64 hexadecimal digits: rule_set.digest of a prescription, or digest of a programme.")},
    ),
    "simulate": Tool(
        "simulate_log",
        "POST",
        "/v1/simulations",
        "Try rules on a made-up log",
        "What rules would prescribe after each session of events that you give, from nothing. Nothing is written, and "
        "no lifter's log is read. For what a programme would have asked of a real lifter use walk_forward.",
        {
            "rule_set": _RULE_SET,
            "events": {
                "type": "array",
                "description": 'Events in order, as log shows them: {"type": "set_logged", "occurred_at": '
                '"2026-11-20T18:00:00Z", "data": {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, '
                '"reps": 5}}. event_id is needed only where another event refers to it.',
                "items": {"type": "object"},
            },
        },
        needs=("rule_set", "events"),
    ),
    "walk_forward": Tool(
        "create_backtest",
        "POST",
        "/v1/backtests",
        "Try rules on the logs of real lifters",
        "What rules would have asked for before each session of the gym's lifters, beside what was then lifted: how "
        "often they came within 5 %, foresaw a raise or asked for too much. It is begun, and takes from seconds to "
        "minutes: pass backtest of the answer to walk_forward_found. A gym has one under way at a time. Nothing is "
        "written to any log.",
        {
            "rule_set": _RULE_SET,
            "lifters": {
                "type": "array",
                "description": "Ids of lifters; all of the gym where left out.",
                "items": {"type": "string"},
            },
            "worst": _whole("How many of the cases that are furthest off are shown; 5 where left out.", 0, 20),
        },
        needs=("rule_set",),
    ),
    "walk_forward_found": Tool(
        "get_backtest",
        "GET",
        "/v1/backtests/{backtest}",
        "What trying rules has found",
        "How far what walk_forward began is (status, and lifters done of all), and what was found so far: shares in "
        "total and by exercise, and the cases that are furthest off. Ask again until the status is no longer running.",
        {"backtest": _text("backtest, as walk_forward gave it.")},
    ),
}
"""By the names that assistants call them."""
