"""Programme files: days of slots, each an exercise with its schemes and parameters; or one slot for any exercise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple, cast, get_args

from service.domain.equipment import Equipment
from service.domain.errors import RuleError
from service.domain.exercises import Exercise, Measure
from service.domain.limits import MOST_REST_S
from service.domain.loads import Unit
from service.engine.files.editions import edition_from
from service.engine.files.empty_cycles import asks_for_nothing
from service.engine.files.equipment_files import BELONGS, equipment_from
from service.engine.files.examples import programme_examples
from service.engine.files.fields import (
    Fields,
    choice,
    collected,
    found,
    identity,
    items,
    kebab,
    report_repeated,
    sources,
    text,
    whole,
)
from service.engine.files.scheme_uses import SchemeUses
from service.engine.files.several_exercises import (
    EXERCISES,
    by_rung,
    by_week,
    dict_of,
    listed_exercises,
    named,
    with_params,
)
from service.engine.files.shared_parts import SLOT_KEYS, Shared, shared_parts
from service.engine.files.small_steps import small_step
from service.engine.files.tags import tags_from
from service.engine.files.unmoved_tracks import unmoved
from service.engine.files.warmups import warmup_from
from service.engine.files.weeks import refuse_weeks_beyond, weeks_from
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.language.prose import plain as prose
from service.engine.language.tree_queries import walk
from service.engine.ruleset.places import AlreadySaid, Mistake, Position, Scalar
from service.engine.ruleset.programme import Day, Programme, SchemeUse, Slot, WarmUp, most_days
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.tags import UNTAGGED, Tags
from service.engine.ruleset.typed_tree import ParameterName
from service.engine.version import UNNAMED_EDITION

_KEYS = (
    "programme",
    "title",
    "edition",
    "sources",
    "notes",
    "tags",
    "equipment",
    "weeks",
    "progressions",
    "templates",
    "warmup",
    "deload",
    "rest_s",
    "days",
    "any",
    "examples",
)
_DAY_KEYS = ("day", "title", "weeks", "deload", "rest_s", "slots")
_ANY_KEYS = ("measure", "progression", "deload", "rest_s")


_MINUTES: Final = re.compile(r"([0-9]{1,2}) ?(?:m|min|minutes?)")
_MOST_WEEKS = 52


class _OfDay(NamedTuple):
    """What a day says for its slots."""

    id: str
    weeks: frozenset[int] | None
    rest_s: int | None
    deloads: tuple[Node, ...]


class ProgrammeReader:
    """Checks programmes against the schemes and exercises that a library has.

    ``broken`` names files that exist but did not check: naming them is not reported as one more mistake.
    """

    def __init__(
        self, schemes: Mapping[str, Scheme], exercises: Mapping[str, Exercise], broken: frozenset[str]
    ) -> None:
        self._schemes = schemes
        self._exercises = exercises
        self._broken = broken
        self._uses = SchemeUses(schemes, broken)
        self._warmup: tuple[WarmUp, ...] = ()
        """What every slot of the programme being read begins with that says nothing itself."""
        self._shared = Shared({}, {})
        """What that programme says once for several slots."""
        self._cycle = 1
        self._rest: int | None = None
        self._deloads: tuple[Node, ...] = ()
        """The deloads of every slot of that programme, beside its own; a day's go before the programme's."""
        self._equipment: Mapping[Unit, Equipment] = {}
        self._doubts: list[RuleError] = []
        """What of that programme is no mistake, but hardly meant."""
        self._places: dict[str, Position] = {}
        """Where each slot's progression stands."""
        self._tracks: dict[str, Slot] = {}
        """Of each track that the programme names, the first slot that feeds it."""

    def read(self, file: str, node: Node, problems: Problems) -> Programme | None:
        """Check a programme; None, and something in ``problems``, when it is not right."""
        before = len(problems.errors)
        with problems.collecting():
            fields = Fields(node, problems, "a programme", _KEYS, BELONGS)
            if ("days" in fields) == ("any" in fields):
                raise Mistake(fields.node.at, "a programme has either days, or any for whatever exercise is logged.")
            equipment = fields.get("equipment")
            self._equipment = equipment_from(equipment, problems) if equipment is not None else {}
            self._doubts = []
            self._warmup = fields.optional("warmup", warmup_from) or ()
            self._deloads = _there(fields.get("deload"))
            self._rest = fields.optional("rest_s", _rest)
            self._cycle = fields.optional("weeks", _weeks) or 1
            self._shared = shared_parts(fields, self._schemes)
            self._tracks = {}
            days = tuple(self._days(fields, problems)) if "days" in fields else ()
            programme = Programme(
                id=identity(fields, "programme", file),
                title=text(fields.need("title"), "title"),
                days=days,
                any=self._any(fields, problems) if "any" in fields else (),
                notes=fields.optional("notes", text) or "",
                sources=sources(fields, problems, needed=True),
                file=file,
                equipment=self._equipment,
                weeks=self._cycle,
                edition=fields.optional("edition", edition_from) or UNNAMED_EDITION,
                tags=fields.optional("tags", lambda tags, _: self._tags(tags, days, problems)) or UNTAGGED,
            )
            if len(problems.errors) == before:
                self._shared.report_unused(problems)
            examples = fields.get("examples")
            if examples is not None and len(problems.errors) == before:
                programme = replace(programme, examples=programme_examples(examples, programme, problems))
            sound = len(problems.errors) == before and not self._broken
            if sound and programme.days and asks_for_nothing(programme, self._schemes):
                raise Mistake(fields.need("days").at, "no day asks for a set in any week: nothing would ever be due.")
            if sound:
                self._doubt_unmoved(problems.file, programme)
            return replace(programme, doubts=tuple(self._doubts)) if len(problems.errors) == before else None
        return None

    def _doubt_unmoved(self, file: str, programme: Programme) -> None:
        slots = [slot for day in programme.days for slot in day.slots]
        for slot, sentence in unmoved(slots, self._schemes):
            at = self._places[slot.id]
            self._doubts.append(RuleError(file, at.line, at.column, sentence))

    def _tags(self, node: Node, days: tuple[Day, ...], problems: Problems) -> Tags:
        return tags_from(node, most_days(days, self._cycle), problems)

    def _days(self, fields: Fields, problems: Problems) -> list[Day]:
        nodes = items(fields.need("days"), "days")
        if not nodes:
            raise Mistake(fields.need("days").at, "days is empty: a programme has at least one day.")
        days = collected(nodes, problems, lambda node: (self._day(node, problems), node))
        report_repeated([(day.id, node) for day, node in days], "day", problems)
        return [day for day, _ in days]

    def _day(self, node: Node, problems: Problems) -> Day:
        fields = Fields(node, problems, "a day", _DAY_KEYS)
        day = kebab(fields.need("day"), "day")
        nodes = items(fields.need("slots"), "slots")
        if not nodes:
            raise Mistake(fields.need("slots").at, f"day {day} has no slots.")
        of_day = _OfDay(
            day,
            fields.optional("weeks", self._some_weeks),
            fields.optional("rest_s", _rest),
            _there(fields.get("deload")),
        )
        each = (
            part
            for parts in collected(nodes, problems, lambda slot: self._parts(of_day, slot, problems))
            for part in parts
        )
        slots = collected(tuple(each), problems, lambda slot: (self._slot(of_day, slot, problems), slot))
        report_repeated([(slot.id, node) for slot, node in slots], "slot", problems)
        return Day(day, fields.optional("title", text) or day, tuple(slot for slot, _ in slots))

    def _some_weeks(self, node: Node, what: str) -> frozenset[int]:
        return weeks_from(node, what, self._cycle)

    def _parts(self, of_day: _OfDay, node: Node, problems: Problems) -> list[Node]:
        """A slot with what its template says; as several, where it has several exercises."""
        slot = self._shared.whole_slot(node, problems)
        own = dict_of(slot) if isinstance(slot, Entries) else {}
        if not isinstance(slot, Entries) or EXERCISES not in own:
            return [slot]
        Fields(slot, problems, "a slot", SLOT_KEYS, BELONGS)
        kebab(Fields(slot, problems, "a slot", SLOT_KEYS, BELONGS).need("slot"), "slot")
        listed = listed_exercises(slot)
        for _ in listed:
            self._shared.count(slot, own[EXERCISES])
        common = self._shared.whole_progression(own["progression"]) if "progression" in own else None
        if common is not None and self._has_rungs(common):
            parts = by_rung(slot, listed)
        else:
            weeks = self._some_weeks(own["weeks"], "weeks") if "weeks" in own else of_day.weeks
            parts = by_week(slot, listed, sorted(weeks or range(1, self._cycle + 1)))
        return [self._with_progression(part, common, rung, len(parts)) for rung, part in enumerate(parts, 1)]

    def _has_rungs(self, progression: Node) -> bool:
        """Whether a progression decides itself which of a slot's exercises is done."""
        name, _ = named(progression)
        scheme = None if name is None else self._schemes.get(name.text)
        return scheme is not None and "rung" in scheme.parameters

    def _with_progression(self, part: Entries, common: Node | None, rung: int, rungs: int) -> Entries:
        """The slot of one of several exercises, with its progression written out."""
        said = dict_of(part).get("progression")
        if said is None:
            return part
        whole = self._shared.whole_progression(said)
        params = {"rung": rung, "rungs": rungs} if self._has_rungs(whole) else {}
        written = with_params(whole, common, **params)
        values = tuple((key, written if key.text == "progression" else value) for key, value in part.values)
        return Entries(values, part.at)

    def _slot(self, of_day: _OfDay, node: Node, problems: Problems) -> Slot:
        day = of_day.id
        fields = Fields(node, problems, "a slot", SLOT_KEYS, BELONGS)
        exercise: Exercise | None = None
        weeks: frozenset[int] | None = None
        rest = self._rest if of_day.rest_s is None else of_day.rest_s
        with problems.collecting():
            exercise = self._exercise(fields)
        with problems.collecting():
            weeks = fields.optional("weeks", self._some_weeks)
        with problems.collecting():
            own = fields.optional("rest_s", _rest)
            rest = rest if own is None else own
        measure = None if exercise is None else exercise.measure
        progression, deloads = self._schemes_of(fields, of_day.deloads, measure, problems)
        if exercise is None:
            raise AlreadySaid(node.at, "")
        slot = Slot(
            id=f"{day}/{kebab(fields.need('slot'), 'slot')}",
            day=day,
            exercise=exercise.id,
            progression=progression,
            deloads=deloads,
            track=fields.optional("track", kebab),
            rest_s=rest,
            measure=exercise.measure,
            weeks=of_day.weeks if weeks is None else weeks,
            label=fields.optional("label", text) or "",
            notes=fields.optional("notes", text) or "",
            beside=fields.optional("with", text) or "",
            warmup=warmup_from(fields.need("warmup"), "warmup") if "warmup" in fields else self._warmup,
            is_rung="rung" in self._schemes[progression.scheme].parameters,
        )
        self._places[slot.id] = at = fields.need("progression").at
        step = small_step(self._schemes[progression.scheme], progression, exercise, self._equipment)
        if step is not None:
            self._doubts.append(RuleError(problems.file, at.line, at.column, f"{slot.id}: {step.sentence}"))
        if slot.track is not None:
            first = self._tracks.setdefault(slot.track, slot)
            with problems.collecting():
                self._check_shared(fields.need("track"), first, slot)
        return slot

    def _exercise(self, fields: Fields) -> Exercise:
        written = fields.need("exercise")
        exercise = self._exercises.get(kebab(written, "exercise"))
        if exercise is None:
            raise self._uses.unknown("exercise", written, self._exercises)
        return exercise

    def _check_shared(self, node: Node, first: Slot, slot: Slot) -> None:
        """Refuse a slot whose lever is not comparable with that of the first slot of its track."""
        one, other = self._exercises[first.exercise or ""], self._exercises[slot.exercise or ""]
        schemes = [self._schemes[each.progression.scheme] for each in (first, slot)]
        levers = [scheme.lever for scheme in schemes]
        either = all(scheme.measure is None for scheme in schemes)
        unlike = [
            f"{first.id} has {had}, {slot.id} {has}"
            for had, has in (
                ("", "") if either else (f"{one.measure} to do", f"{other.measure} to do"),
                (f"loads that are {one.load}", f"loads that are {other.load}"),
                (f"the lever {levers[0]}", f"the lever {levers[1]}"),
            )
            if had != has
        ]
        if unlike:
            raise Mistake(
                node.at,
                f"slots of one track share measure, lever and what a load counts, but {unlike[0]}. "
                f"Give {slot.id} another track, or none.",
            )
        if first.progression.scheme != slot.progression.scheme:
            return
        starts = [_start_of(self._schemes[each.progression.scheme], each.progression) for each in (first, slot)]
        if starts[0] != starts[1]:
            raise Mistake(
                node.at,
                f"slots of one track begin alike, whichever is done first, but {first.id} begins with {starts[0]}, "
                f"{slot.id} with {starts[1]}. Give both the same parameters, or {slot.id} another track.",
            )

    def _any(self, fields: Fields, problems: Problems) -> tuple[Slot, ...]:
        nodes = items(fields.need("any"), "any")
        slots = collected(nodes, problems, lambda node: self._any_slot(node, problems))
        for measure in get_args(Measure):
            if not problems.errors and [slot.measure for slot in slots].count(measure) != 1:
                raise Mistake(fields.need("any").at, f"any has one entry with measure: {measure}, no more and no less.")
        return tuple(slots)

    def _any_slot(self, node: Node, problems: Problems) -> Slot:
        fields = Fields(node, problems, "an entry of any", _ANY_KEYS)
        measure = cast(Measure, choice(get_args(Measure))(fields.need("measure"), "measure"))
        progression, deloads = self._schemes_of(fields, (), measure, problems)
        rest = fields.optional("rest_s", _rest)
        return Slot(
            id=measure,
            day="",
            exercise=None,
            progression=progression,
            deloads=deloads,
            rest_s=self._rest if rest is None else rest,
            measure=measure,
        )

    def _schemes_of(
        self, fields: Fields, of_day: tuple[Node, ...], measure: Measure | None, problems: Problems
    ) -> tuple[SchemeUse, tuple[SchemeUse, ...]]:
        node = self._shared.whole_progression(fields.need("progression"))
        progression = self._uses.use(node, "progression", measure, problems)
        with problems.collecting():
            refuse_weeks_beyond(named(node)[1], self._cycle)
        deloads: dict[str, SchemeUse] = {}
        for each in (*_there(fields.get("deload")), *of_day, *self._deloads):
            for use in self._uses.deloads_of(each, measure, problems):
                deloads.setdefault(use.scheme, use)
        return progression, tuple(deloads.values())


def _start_of(scheme: Scheme, use: SchemeUse) -> str:
    """The parameters that a slot's lever begins with, in words."""
    values = {
        node.name: use.params.get(node.name, scheme.parameters[node.name].default)
        for each in scheme.lever_initial
        for node in walk(each.root)
        if isinstance(node, ParameterName)
    }
    return ", ".join(f"{name} {prose(value, scheme.parameters[name].type)}" for name, value in sorted(values.items()))


def _rest(node: Node, what: str) -> int:
    minutes = _MINUTES.fullmatch(node.text) if isinstance(node, Scalar) else None
    if minutes is not None:
        said = f"{what} is a whole number, but here is {minutes[0]}. It is in seconds: write {60 * int(minutes[1])}."
        raise Mistake(node.at, said, len(minutes[0]))
    seconds = whole(node, what)
    if not 0 <= seconds <= MOST_REST_S:
        raise Mistake(node.at, f"{what} is a pause in seconds, 0 to {MOST_REST_S}, but here is {found(node)}.")
    return seconds


def _weeks(node: Node, what: str) -> int:
    weeks = whole(node, what)
    if not 1 <= weeks <= _MOST_WEEKS:
        raise Mistake(node.at, f"{what} is how many rounds of the days make a cycle, 1 to {_MOST_WEEKS}.")
    return weeks


def _there(node: Node | None) -> tuple[Node, ...]:
    return () if node is None else (node,)
