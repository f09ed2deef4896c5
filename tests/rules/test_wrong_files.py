"""Mistakes that coaches make: each is refused with its place and a sentence that says what to write.

A case is a small change to a good file; the place where the mistake must be reported is marked with ⟦.
"""

import pytest

from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.files.yaml_tree import show
from tests.support.training import LIBRARY

SCHEME = """\
scheme: steps
title: Steps
sources: [{title: A book, publisher: A publisher}]
params:
  reps:     {type: range, default: [4, 6], from: 1, to: 30}
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
  fails:    {type: int, default: 3, from: 1}
  share:    {type: percent, default: 10, from: 0, to: 50}
let:
  strong: set.load >= prescribed.load and set.reps >= reps.max
state:
  load:   {type: load, initial: baseline.load}
  missed: {type: int, initial: 0}
after set:
  - rule: up
    when: strong
    then: {load: set.load + increase, missed: 0}
    outcome: raise
    because: "{set.reps} of {reps}: add {increase}."
  - rule: down
    when: missed >= fails
    then: {load: "load - percent_of(share, load)", missed: 0}
    outcome: lower
    because: "{missed} misses: take {share} off."
  - otherwise: hold
    then: {missed: missed + 1}
    because: "Stay at {load}."
prescribe:
  - {count: 3, load: load, reps: reps}
examples:
  - name: up
    baseline: 100 lb
    log: ["100x6 -> 105"]
"""

DELOAD = """\
scheme: rest
title: Rest
sources: [{title: A book}]
params: {cut: {type: percent, default: 10, from: 1, to: 50}}
before prescription:
  - rule: away
    when: history.days_since >= 14
    then: {lever: "lever - percent_of(cut, lever)"}
    outcome: deload
    because: "{history.days_since} days: {cut} off."
examples:
  - {name: away, progression: steps, baseline: 100 kg, log: ["100x5", "end", "14 days -> 90"]}
"""

EXERCISE = """\
exercise: squat
title: Squat
equipment: barbell
load: total
muscles: {target: [quadriceps]}
reps: [4, 6]
increase: {lb: 10, kg: 5}
sources: [{title: A book}]
"""

PROGRAMME = """\
programme: plan
title: Plan
sources: [{title: A book}]
days:
  - day: a
    slots:
      - slot: first
        exercise: squat
        progression: {steps: {reps: [5, 5], increase: {lb: 10, kg: 5}}}
        deload: [rest]
        rest_s: 120
"""

GOOD = {
    "progression/steps.yaml": SCHEME,
    "deload/rest.yaml": DELOAD,
    "exercises/squat.yaml": EXERCISE,
    "programmes/plan.yaml": PROGRAMME,
}

SCHEME_MISTAKES = {
    "unknown fact": (
        "strong: set.load >=",
        "strong: ⟦set.weight >=",
        "there is no fact set.weight. Did you mean set.load?",
    ),
    "misspelt fact": (">= prescribed.load", ">= ⟦prescribed.laod", "Did you mean prescribed.load?"),
    "half a fact": (
        "strong: set.load >=",
        "strong: ⟦set >=",
        "set alone says nothing; write one of its facts: set.load",
    ),
    "misspelt parameter": ("missed >= fails", "missed >= ⟦fail", "fail is not declared"),
    "misspelt parameter, meant": ("missed >= fails", "missed >= ⟦fial", "Did you mean fails?"),
    "a number as condition": (
        "when: missed >= fails",
        "when: ⟦missed",
        "a condition belongs here, but missed is a whole number",
    ),
    "a number within and": (
        "when: missed >= fails",
        "when: strong and ⟦fails",
        "a condition belongs here, but fails is",
    ),
    "one equals sign": ("when: missed >= fails", "when: missed ⟦= fails", "write == for"),
    "counting up by +=": ("missed: missed + 1", 'missed: "⟦+= 1"', "write what it becomes, for example missed + 1"),
    "counting up by ++": ("missed: missed + 1", "missed: missed⟦++", "++ is not in the rule language"),
    "and by ampersands": ("and set.reps", "⟦&& set.reps", "write and instead of &&"),
    "capital letters": ("and set.reps", "⟦AND set.reps", "write and in small letters"),
    "a typographic sign": ("set.reps >= reps.max", "set.reps ⟦≥ reps.max", "write >= instead of ≥"),
    "turned-round sign": ("set.reps >= reps.max", "set.reps ⟦=> reps.max", "write >= instead of =>"),
    "a load with its unit": ("set.load + increase", "set.load + ⟦10 lb", "declare one under params"),
    "a load plus a number": ("set.load + increase", "⟦set.load + 10", "A load needs a unit"),
    "a load plus a percentage": ("set.load + increase", "⟦set.load + share", "Write percent_of(percentage, load)"),
    "a share with a sign": ('"load - percent_of(share, load)"', "load - ⟦10% ", "percent_of(10, load)"),
    "a power": ("load: set.load + increase", "load: set.load ⟦** 2", "there are no powers"),
    "a load compared with a number": ("set.load >= prescribed.load", "⟦set.load >= 100", "A load needs a unit"),
    "a range compared with a number": ("set.reps >= reps.max", "⟦set.reps >= reps", "Take one end of the range"),
    "a part that is not there": ("set.reps >= reps.max", "set.reps >= ⟦reps.maximum", "only .min and .max"),
    "unknown function": (
        '"load - percent_of(share, load)"',
        '"load - ⟦percentof(share, load)"',
        "Did you mean percent_of?",
    ),
    "exchanged arguments": (
        '"load - percent_of(share, load)"',
        '"load - percent_of(⟦load, share)"',
        "percent must be a percentage, but load is a load",
    ),
    "too few arguments": ('"load - percent_of(share, load)"', '"load - ⟦percent_of(share)"', "takes 2 values"),
    "RIR without asking": (
        "when: missed >= fails",
        "when: missed >= fails and ⟦set.rir > 2",
        "set.rir may be unknown: ask first, with known(set.rir)",
    ),
    "asking for what is known": ("when: missed >= fails", "when: ⟦known(set.load)", "set.load is always known"),
    "a fact of another trigger": (
        "when: missed >= fails",
        "when: ⟦history.days_since > 3",
        "history.days_since is not known in after set; it can be read in after week and before prescription",
    ),
    "seconds in a scheme of reps": ("set.reps >= reps.max", "⟦set.seconds >= reps.max", "this scheme measures reps"),
    "division by what may be 0": (
        "when: missed >= fails",
        "when: fails / ⟦missed > 1",
        "missed could be 0, and one cannot divide by 0",
    ),
    "the lever's other name": (
        "when: missed >= fails",
        "when: ⟦lever > load",
        "in this scheme the lever is called load",
    ),
    "Python": ("when: missed >= fails", 'when: "⟦[x for x in load]"', "is not part of the rule language"),
    "an attribute trick": ("when: missed >= fails", "when: ⟦load.__class__ == load", "load is a load and has no parts"),
    "a text": ("when: missed >= fails", "when: missed == ⟦'none'", "Names stand without quotes"),
    "an open bracket": ("when: missed >= fails", "when: ⟦(missed >= fails", "this bracket is never closed"),
    "a missing and": (
        "when: missed >= fails",
        "when: missed >= fails ⟦strong",
        "a name, a number or an operator is missing",
    ),
    "a choice without else": ("missed: missed + 1", "missed: ⟦missed + 1 if strong", "a choice needs both ways"),
    "an exponent": ("when: missed >= fails", "when: missed > ⟦1e9", "a number has digits only"),
    "an endless number": ("when: missed >= fails", "when: missed > ⟦9999999999999", "at most 12 digits"),
    "an unreachable rule, the same": ("when: missed >= fails", "when: ⟦strong", "this rule can never fire"),
    "an unreachable rule, narrower": (
        "when: missed >= fails",
        "when: ⟦missed >= fails and set.load >= prescribed.load and set.reps >= reps.max",
        "whenever its condition is true, up above it has already fired",
    ),
    "a contradiction": ("when: missed >= fails", "when: ⟦missed > 3 and missed < 2", "contradicts itself"),
    "a set before the first": (
        "when: missed >= fails",
        "when: ⟦missed >= fails and set.index < 1",
        "set.index is at least 1, so this is never true",
    ),
    "reps under none": (
        "when: missed >= fails",
        "when: ⟦missed >= fails and set.reps < 0",
        "set.reps is from 0 to 1000",
    ),
    "a parameter beyond its range": (
        "when: missed >= fails",
        "when: ⟦fails < 1",
        "fails is at least 1, so this is never",
    ),
    "a share beyond its range": (
        "when: missed >= fails",
        "when: ⟦missed >= fails and share > 60",
        "share is from 0 to 50, so this is never true",
    ),
    "what a parameter always is": (
        "when: missed >= fails",
        "when: ⟦fails >= 1",
        "this condition is always true; write the rule as the last one",
    ),
    "always true": ("when: missed >= fails", "when: ⟦true", "write the rule as the last one, with otherwise"),
    "two rules of one name": ("rule: down", "rule: ⟦up", "there is a rule up on line 15 already"),
    "a misspelt key": ("outcome: lower", "⟦outcom: lower", "a rule has no key outcom. Did you mean outcome?"),
    "no outcome": ("    outcome: lower\n", "", "a rule needs a line outcome"),
    "an outcome that is none": ("outcome: lower", "outcome: ⟦reduce", "but here is reduce"),
    "a raise that raises nothing": (
        "then: {load: set.load + increase, missed: 0}\n    outcome: raise",
        "then: {missed: 0}\n    outcome: ⟦raise",
        "the outcome is raise, but then does not set load",
    ),
    "setting what is not owned": ("then: {missed: missed + 1}", "then: {⟦fails: missed + 1}", "a rule sets state only"),
    "setting what is not there": ("then: {missed: missed + 1}", "then: {⟦mised: missed + 1}", "Did you mean missed?"),
    "a because that names nothing": ('"Stay at {load}."', '"Stay at {⟦lode}."', "lode is not declared"),
    "an open brace": ('"Stay at {load}."', '"Stay at ⟦{load."', "this brace has no partner"),
    "an unquoted because": ('"Stay at {load}."', "{load} ⟦stays.", "this is not YAML"),
    "a colon in a text": (
        'because: "Stay at {load}."',
        "because: stay⟦: add reps",
        "quote a text with `: ` in it",
    ),
    "no otherwise": (
        '  - otherwise: hold\n    then: {missed: missed + 1}\n    because: "Stay at {load}."\n',
        "",
        "end with what happens otherwise",
    ),
    "a parameter never used": ("when: missed >= fails", "when: missed >= 3", "the parameter fails is never used"),
    "a state never read": (
        "  missed: {type: int, initial: 0}\n",
        "  missed: {type: int, initial: 0}\n  ⟦spare: {type: int, initial: 0}\n",
        "the state spare is never read",
    ),
    "a default out of bounds": (
        "default: 10, from: 0",
        "default: ⟦60, from: 0",
        "share must be from 0 to 50, but here is 60",
    ),
    "a bound without a number": ("default: 3, from: 1", "default: 3, from: ⟦one", "from is a number, but here is one"),
    "kg without lb": ("default: {lb: 5, kg: 2.5}", "default: ⟦{kg: 2.5}", "increase says kg but not lb"),
    "a load without unit": ("default: {lb: 5, kg: 2.5}", "default: ⟦2.5", "increase is a load and 2.5 says no unit"),
    "a range by a dash": ("default: [4, 6]", "default: ⟦4-6", "write [4, 6] instead of 4-6"),
    "a range upside down": ("default: [4, 6]", "default: ⟦[6, 4]", "write [4, 6]"),
    "an unknown type": (
        "{type: int, default: 3",
        "{type: ⟦integer, default: 3",
        "but here is integer. Did you mean int?",
    ),
    "a reserved name": (
        "  fails:    {type: int",
        "  ⟦max: {type: int, default: 1}\n  fails:    {type: int",
        "it is a word of the rule language",
    ),
    "a name with capitals": (
        "  fails:    {type: int",
        "  ⟦Fails: {type: int, default: 1}\n  fails:    {type: int",
        "a name has small letters",
    ),
    "yes": (
        "missed: {type: int, initial: 0}",
        "missed: {type: bool, initial: ⟦yes}",
        "write true, or put it in quotes",
    ),
    "octal": ("default: 3, from: 1", "default: ⟦012, from: 1", "starts with a zero"),
    "base sixty": ("default: 3, from: 1", "default: ⟦12:30, from: 1", "base sixty"),
    "infinity": ("default: 3, from: 1", "default: ⟦.inf, from: 1", "is no number to train by"),
    "a key twice": (
        "    outcome: lower\n",
        "    outcome: lower\n    ⟦outcome: hold\n",
        "stands here twice (first on line 23)",
    ),
    "a tab": ("    outcome: lower\n", "⟦\toutcome: lower\n", "here is a tab, and YAML indents with spaces"),
    "an anchor": ("default: [4, 6]", "default: ⟦&range [4, 6]", "no anchors"),
    "a tag": ("title: Steps", "title: ⟦!!python/object/apply:os.system [ls]", "no tags"),
    "a second document": ("title: Steps", "title: Steps\n⟦---\nscheme: steps", "a second document starts here"),
    "a raise that takes off": (
        "load: set.load + increase",
        "load: ⟦set.load - increase",
        "the outcome is raise, but set.load - increase goes the other way; write set.load + ...",
    ),
    "a cut that adds": (
        '"load - percent_of(share, load)"',
        '"⟦load + percent_of(share, load)"',
        "the outcome is lower, but load + percent_of(share, load) goes the other way",
    ),
    "no space after a colon in braces": (
        "{lb: 5, kg: 2.5}",
        "{⟦lb:5, kg: 2.5}",
        "a key is followed by a colon and a space; write lb: 5",
    ),
    "an equals sign instead of a colon": (
        "{load: set.load + increase,",
        "{⟦load = set.load + increase,",
        "write load: set.load + increase",
    ),
    "no space after a colon": ("  - rule: up\n", "  - ⟦rule:up\n", "a space is missing after `rule:`"),
    "no space before a brace": ("then: {load: set.load", "⟦then:{load: set.load", "a space is missing after `then:`"),
    "no space after a dash": ("  - rule: up\n", "  ⟦-rule: up\n", "a space is missing after `-`"),
    "no colon": ("title: Steps", "⟦title Steps", "a key without its colon"),
    "an indentation too deep": (
        "  - rule: up\n    when: strong",
        "  - rule: up\n     when⟦: strong",
        "indent",
    ),
    "an indentation too shallow": (
        "  - rule: up\n    when: strong",
        "  - rule: up\n   ⟦when: strong",
        "a list entry is expected here",
    ),
    "a space that is none": (
        "  - rule: up\n",
        "  - rule: up\n⟦\u00a0\u00a0  when: strong\n",
        "an invisible character that only looks like a space",
    ),
    "a quote that is closed lines later": ("title: Steps", 'title: ⟦"Steps', "closed only on line 19"),
    "a text with stars": ("title: Steps", "title: *Steps⟦*", "a text that starts with * or & needs quotes"),
    "a text with a dash": ("title: Steps", "title: ⟦- Steps", "a text that starts with a dash needs quotes"),
    "a text with an at sign": ("title: Steps", "title: ⟦@Steps", "needs quotes around it"),
    "curly quotes": ('"Stay at {load}."', "⟦“Stay at {load}.”", "“ and ” are no quotes here"),
    "curly quotes, and a colon": ('"Stay at {load}."', "⟦“Stay: at {load}.”", "“ and ” are no quotes here"),
    "a quote within quotes": ('"Stay at {load}."', '"Stay "⟦here", at {load}."', "this does not fit"),
    "an assignment on the line of then": (
        "then: {missed: missed + 1}",
        "then: missed⟦: missed + 1",
        "`key: value` behind another key in {}",
    ),
    "a trigger's name": ("after set:", "⟦after sets:", "Did you mean after set?"),
    "a trigger in capitals": ("after set:", "⟦After Set:", "Did you mean after set?"),
    "else": ("  - otherwise: hold\n", "  - ⟦else: hold\n", "the last rule is written - otherwise: ..., not else."),
    "a when under otherwise": (
        "  - otherwise: hold\n",
        "  - otherwise: hold\n    ⟦when: strong\n",
        "otherwise has no key when",
    ),
    "an outcome in capitals": ("outcome: lower", "outcome: ⟦Lower", "but here is Lower. Did you mean lower?"),
    "another word for an outcome": ("outcome: lower", "outcome: ⟦decrease", "Did you mean lower?"),
    "another word for a key": ("missed: {type: int, initial: 0}", "missed: {type: int, ⟦start: 0}", "mean initial?"),
    "a percent sign": ("default: 10, from: 0", "default: ⟦10%, from: 0", "share is a percentage, for example 10"),
    "half a repetition": ("default: [4, 6]", "default: ⟦[4.5, 6]", "reps is a range, for example [4, 6]"),
    "a unit behind a number": ("default: {lb: 5, kg: 2.5}", "default: ⟦5 kg", "increase is a load, for example"),
    "a name that Python keeps": (
        "  fails:    {type: int",
        "  ⟦class: {type: int, default: 1}\n  fails:    {type: int",
        "it is a word of the rule language",
    ),
    "an umlaut in a name": (
        "  fails:    {type: int",
        "  ⟦müde: {type: int, default: 1}\n  fails:    {type: int",
        "a name has small letters, digits and underscores only",
    ),
    "a baseline without unit": ("baseline: 100 lb", "baseline: ⟦100", "a baseline is a load with its unit"),
    "an arrow that is none": ('"100x6 -> 105"', '"100x6 ⟦=> 105"', "is no line of a log"),
    "no examples": (
        'examples:\n  - name: up\n    baseline: 100 lb\n    log: ["100x6 -> 105"]\n',
        "examples: ⟦[]\n",
        "show a training log",
    ),
    "no log": ('["100x6 -> 105"]', "⟦[]", "log is empty"),
    "a state turned round": (
        "{type: int, initial: 0}",
        "{type: int, initial: 0, from: ⟦3, to: 1}",
        "missed runs from 3 to 1, so nothing fits",
    ),
    "a state that starts outside": (
        "{type: int, initial: 0}",
        "{type: int, initial: ⟦0, from: 1, to: 3}",
        "missed starts at 0, which is outside the range",
    ),
    "a bound without a unit": ("examples:\n", "bounds: {up: ⟦10}\nexamples:\n", "a load belongs here, but 10 is"),
    "a bound in percent": ("examples:\n", "bounds: {down: ⟦share}\nexamples:\n", "Write percent_of(share, ...)"),
    "a bound of the set": (
        "examples:\n",
        "bounds: {up: ⟦set.load}\nexamples:\n",
        "set.load is not known under bounds",
    ),
    "a misspelt bound": ("examples:\n", "bounds: {⟦upp: increase}\nexamples:\n", "Did you mean up?"),
    "another name than the file": ("scheme: steps", "scheme: ⟦stairs", "the file is steps.yaml, but here is stairs"),
    "no source": (
        "sources: [{title: A book, publisher: A publisher}]",
        "sources: ⟦[]",
        "say where the numbers come from",
    ),
    "a doi that is none": ("publisher: A publisher", "doi: ⟦www.doi.org", "a doi looks like"),
    "no prescription": ("prescribe:\n  - {count: 3, load: load, reps: reps}\n", "", "needs a line prescribe"),
    "seconds prescribed for reps": (
        "load: load, reps: reps}",
        "load: load, seconds: ⟦reps}",
        "this scheme measures reps",
    ),
    "no sets": ("count: 3", "count: ⟦0", "sets are 1 to 100, but here is 0"),
    "more sets than anyone does": ("count: 3", "count: ⟦1000", "sets are 1 to 100"),
    "sets and reps in one": ("count: 3", "count: ⟦3x5", "the sets stand under count, the repetitions under reps"),
    "sets in words": ("count: 3", "count: ⟦three", "three is not declared"),
    "no reps": ("load: load, reps: reps}", "load: load, reps: ⟦0}", "reps are 1 to 1,000, but here is 0"),
    "reps with a dash": ("load: load, reps: reps}", "load: load, reps: ⟦4-6}", "a range is written range(low, high)"),
    "reps with a plus": ("load: load, reps: reps}", "load: load, reps: ⟦5+}", "amrap: true"),
    "a share for a load": ("load: load, reps: reps}", "load: ⟦75%, reps: reps}", "percent_of(10, load)"),
    "a comment that cuts off": (
        "when: missed >= fails",
        'when: "missed >= fails ⟦# or strong"',
        "a comment stands behind the value",
    ),
    "an if too many": ("when: missed >= fails", "when: ⟦if missed >= fails", "leave out if"),
    "between": ("when: missed >= fails", "when: set.reps ⟦between 4 and 6", "4 <= set.reps and set.reps <= 6"),
    "a unit behind a number, in a condition": (
        "when: missed >= fails",
        "when: missed >= ⟦3 times",
        "units are not written",
    ),
    "half a condition": ("when: missed >= fails", "when: missed >= fails ⟦and", "something is missing after “and”"),
    "a space for a point": ("when: missed >= fails", "when: ⟦set reps > 3", "with a point between its words"),
    "division by nothing": ("when: missed >= fails", "when: fails / ⟦0 > 1", "one cannot divide by 0"),
    "an example that is none": ('"100x6 -> 105"', '⟦"100 times 6"', "is no line of a log: write a set as 225x6"),
    "an example's prescription": ('"100x6 -> 105"', '⟦"100x6 -> more"', "is no prescription"),
    "an example's parameter": (
        "baseline: 100 lb",
        "baseline: 100 lb\n    params: {incraese: 3}",
        "Did you mean increase?",
    ),
    "a lever of another type": (
        "{type: load, initial: baseline.load}",
        "{type: ⟦int, initial: baseline.load}",
        "write type: load",
    ),
    "an initial value from a set": (
        "{type: int, initial: 0}",
        "{type: int, initial: ⟦set.reps}",
        "not known when a track starts",
    ),
    "a let that uses a later one": (
        "let:\n",
        "let:\n  early: ⟦strong and missed > 1\n",
        "a let uses only the names above it",
    ),
}


def refused(path: str, text: str) -> list[RuleError]:
    """Load the good files with one replaced; answer what is wrong with them."""
    files = {name: content.encode() for name, content in GOOD.items()} | {path: text.encode()}
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files(files)
    return caught.value.errors


def marked(good: str, old: str, new: str) -> tuple[str, tuple[int, int] | None]:
    """The changed file, and the place of its mark."""
    assert good.count(old) == 1, old
    text = good.replace(old, new)
    if "⟦" not in text:
        return text, None
    before = text[: text.index("⟦")]
    return text.replace("⟦", ""), (before.count("\n") + 1, len(before) - before.rfind("\n"))


def check(path: str, old: str, new: str, phrase: str) -> None:
    text, place = marked(GOOD[path], old, new)
    if "early" in new:
        text = text.replace("when: missed >= fails", "when: early and missed >= fails")
    errors = refused(path, text)
    first = errors[0]
    assert phrase in first.message, [str(error) for error in errors]
    assert first.file == path
    assert place is None or (first.line, first.column) == place, str(first)
    assert len(errors) == 1, [str(error) for error in errors]


def test_the_good_files_are_good() -> None:
    library = library_from_files({path: text.encode() for path, text in GOOD.items()})
    assert list(library.programmes) == ["plan"]


@pytest.mark.parametrize("mistake", SCHEME_MISTAKES)
def test_a_mistake_in_a_scheme(mistake: str) -> None:
    check("progression/steps.yaml", *SCHEME_MISTAKES[mistake])


OTHER_MISTAKES = {
    "unknown scheme": ("programmes/plan.yaml", "{steps: {", "{⟦step: {", "Did you mean steps?"),
    "unknown exercise": ("programmes/plan.yaml", "exercise: squat", "exercise: ⟦squats", "Did you mean squat?"),
    "misspelt parameter": ("programmes/plan.yaml", "increase: {lb", "⟦incraese: {lb", "Did you mean increase?"),
    "parameter out of bounds": ("programmes/plan.yaml", "reps: [5, 5]", "reps: ⟦[5, 50]", "reps must be from 1 to 30"),
    "parameter of wrong type": (
        "programmes/plan.yaml",
        "reps: [5, 5]",
        "reps: ⟦five",
        "reps is a range, for example [4, 6]",
    ),
    "kg without lb": ("programmes/plan.yaml", "{lb: 10, kg: 5}", "⟦{kg: 5}", "says kg but not lb"),
    "a unit that is none": ("programmes/plan.yaml", "{lb: 10, kg: 5}", "{⟦lbs: 10, kg: 5}", "lbs is no unit here"),
    "a decimal comma": (
        "programmes/plan.yaml",
        "{lb: 10, kg: 5}",
        "{lb: 5, kg: 2,⟦5}",
        "a decimal number has a point, as in 2.5",
    ),
    "a decimal comma on a line of its own": (
        "programmes/plan.yaml",
        "{steps: {reps: [5, 5], increase: {lb: 10, kg: 5}}}",
        "\n          steps:\n            increase:\n              lb: 5\n              kg: ⟦2,5",
        "increase needs a number of kg, but here is 2,5. A decimal number has a point",
    ),
    "a fact of a set before the session": (
        "deload/rest.yaml",
        "history.days_since >= 14",
        "⟦set.reps < 3",
        "set.reps is not known in before prescription; it can be read in after set.",
    ),
    "a muscle by another word": ("exercises/squat.yaml", "[quadriceps]", "[⟦pecs]", "Did you mean pectorals?"),
    "a muscle misspelt": ("exercises/squat.yaml", "[quadriceps]", "[⟦quadricep]", "Did you mean quadriceps?"),
    "a muscle nobody knows": ("exercises/squat.yaml", "[quadriceps]", "[⟦elbows]", "no muscle is called elbows. There"),
    "as many as possible in a programme": (
        "programmes/plan.yaml",
        "reps: [5, 5]",
        "reps: ⟦5+",
        "but here is 5+. Write 5; as many as possible is a parameter of its own",
    ),
    "a share with a sign": (
        "programmes/plan.yaml",
        "reps: [5, 5]",
        "share: ⟦65%",
        "but here is 65%. Write 65 for 65%",
    ),
    "a share as a fraction": (
        "programmes/plan.yaml",
        "reps: [5, 5]",
        "share: ⟦0.1",
        "share is in percent, and 0.1 is less than one: write 10 for 10 %",
    ),
    "a scheme by half its name": ("programmes/plan.yaml", "{steps: {", "{⟦steps-progression: {", "Did you mean steps?"),
    "what is short for an exercise": ("programmes/plan.yaml", "exercise: squat", "exercise: ⟦sq", "There are squat."),
    "a deload as progression": (
        "programmes/plan.yaml",
        "{steps: {reps: [5, 5], increase: {lb: 10, kg: 5}}}",
        "⟦rest",
        "rest is a deload scheme and cannot stand under progression",
    ),
    "the same deload twice": ("programmes/plan.yaml", "[rest]", "[rest, ⟦rest]", "the deload rest is there twice"),
    "deload not a list": ("programmes/plan.yaml", "deload: [rest]", "deload: ⟦rest", "deload is a list"),
    "a rest in minutes": (
        "programmes/plan.yaml",
        "rest_s: 120",
        "rest_s: ⟦2m",
        "rest_s is a whole number, but here is 2m. It is in seconds: write 120",
    ),
    "a day twice": (
        "programmes/plan.yaml",
        "  - day: a\n",
        "  - day: a\n    slots: [{slot: x, exercise: squat, progression: steps}]\n  - ⟦day: a\n",
        "the day a is there twice",
    ),
    "an id that is none": ("programmes/plan.yaml", "slot: first", "slot: ⟦First slot", "write first-slot"),
    "a measure that does not fit": (
        "exercises/squat.yaml",
        "load: total",
        "load: total\nmeasure: seconds",
        "steps measures reps",
    ),
    "unknown equipment": ("exercises/squat.yaml", "equipment: barbell", "equipment: ⟦barbel", "Did you mean barbell?"),
    "one_sided: no": ("exercises/squat.yaml", "load: total", "load: total\none_sided: ⟦no", "write false"),
    "increase without lb": ("exercises/squat.yaml", "{lb: 10, kg: 5}", "⟦{kg: 5}", "increase says kg but not lb"),
    "a deload that raises": ("deload/rest.yaml", "outcome: deload", "outcome: ⟦raise", "outcome is deload or hold"),
    "a deload without bound": ("deload/rest.yaml", "from: 1, to: 50", "from: ⟦60, to: 50", "so nothing fits"),
}


@pytest.mark.parametrize("mistake", OTHER_MISTAKES)
def test_a_mistake_in_another_file(mistake: str) -> None:
    path, old, new, phrase = OTHER_MISTAKES[mistake]
    if mistake == "a measure that does not fit":
        text, _ = marked(GOOD[path], old, new)
        (error,) = refused(path, text)
        assert (error.file, error.line) == ("programmes/plan.yaml", 9)
        assert phrase in error.message
        return
    check(path, old, new, phrase)


def test_exercises_and_schemes_of_the_library_are_found_by_what_coaches_call_them() -> None:
    plan = PROGRAMME.replace("exercise: squat", "exercise: ohp").replace("{steps: {reps: [5, 5], ", "{stepz: {")
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({"programmes/plan.yaml": plan.encode()}, LIBRARY)
    assert "there is no exercise ohp. Did you mean overhead-press?" in caught.value.errors[0].message
    plan = PROGRAMME.replace("{steps: {reps: [5, 5], increase: {lb: 10, kg: 5}}}", "linear-progression")
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({"programmes/plan.yaml": plan.replace("[rest]", "[stall]").encode()}, LIBRARY)
    assert "Did you mean linear?" in caught.value.errors[0].message


def test_slots_of_one_track_begin_alike() -> None:
    slot = "      - {slot: NAME, exercise: squat, track: one, progression: {linear: {start: START}}}\n"
    plan = PROGRAMME.partition("      - slot: first")[0] + slot.replace("NAME", "a").replace("START", "75")
    library_from_files(
        {"programmes/plan.yaml": (plan + slot.replace("NAME", "b").replace("START", "75")).encode()}, LIBRARY
    )
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files(
            {"programmes/plan.yaml": (plan + slot.replace("NAME", "b").replace("START", "60")).encode()}, LIBRARY
        )
    (error,) = caught.value.errors
    assert (error.line, error.column) == (8, 43)
    assert "a/a begins with start 75 %, " in error.message
    assert "a/b with start 60 %, start_load 100 %. Give both the same parameters" in error.message


def test_every_mistake_of_a_file_is_found_at_once() -> None:
    text = SCHEME.replace("set.load >=", "set.weight >=").replace("outcome: lower", "outcome: reduce")
    errors = refused("progression/steps.yaml", text.replace("count: 3", "count: three"))
    assert [(error.line, error.message.partition(" ")[0]) for error in errors] == [
        (10, "there"),
        (23, "outcome"),
        (29, "three"),
    ]


def test_a_programme_is_not_blamed_for_a_broken_scheme() -> None:
    errors = refused("progression/steps.yaml", SCHEME.replace("missed >= fails", "missed"))
    assert {error.file for error in errors} == {"progression/steps.yaml"}


def test_a_programme_that_stands_alone_is_told_what_belongs_beside_it() -> None:
    path = "programmes/plan.yaml"
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({path: GOOD[path].encode()})
    assert "These files hold none" in caught.value.errors[0].message


def test_an_error_is_shown_with_its_line_and_a_mark() -> None:
    text = SCHEME.replace("missed >= fails", "missed >= fial")
    (error,) = refused("progression/steps.yaml", text)
    assert show(error, text.encode()) == (
        "progression/steps.yaml:21:21: fial is not declared: it is no fact, parameter, state or let. "
        "Did you mean fails?\n"
        "  21 |     when: missed >= fial\n"
        "     |                     ^^^^"
    )


HOSTILE = {
    "a bomb": "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b]\n",
    "deep nesting": "[" * 60_000,
    "deep mappings": "".join(f"{' ' * level}a:\n" for level in range(300)),
    "too large": "a: " + "x" * 100_000,
    "nothing": "",
    "a comment": "# nothing\n",
    "a list": "- a\n- b\n",
    "a word": "hello",
    "a mapping as key": "{{a: b}: c}",
    "a zero byte": "a: \0",
    "an open quote": 'title: "Steps\n',
}


@pytest.mark.parametrize("path", ["progression/steps.yaml", "exercises/squat.yaml", "programmes/plan.yaml"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_refused(path: str, text: str) -> None:
    assert all(error.line >= 1 and error.column >= 1 and error.message for error in refused(path, text))


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({"exercises/squat.yaml": b"title: caf\xe9\n"})
    assert str(caught.value) == "exercises/squat.yaml:1:11: this byte is not UTF-8 text; save the file as UTF-8."


HOSTILE_EXPRESSIONS = {
    "brackets": "(" * 400 + "1" + ")" * 400,
    "nots": "not " * 200 + "true",
    "minuses": "-" * 900 + "1 > 0",
    "a long sum": " + ".join(["missed"] * 100) + " > 3",
    "a long text": "missed > 3 and " * 80 + "true",
    "powers": "9 ** 9 ** 9 > 1",
    "a lambda": "(lambda: true)()",
    "a comprehension": "all(x for x in missed)",
    "a walrus": "(x := 3) > 2",
    "a string of braces": "{missed}",
    "an import": "__import__('os').system('ls')",
    "a format string": "f(missed)",
    "nested choices": "missed > 1 if " * 40 + "true" + " else true" * 40,
    "an index": "missed[0] > 1",
}


@pytest.mark.parametrize("expression", HOSTILE_EXPRESSIONS.values(), ids=HOSTILE_EXPRESSIONS.keys())
def test_hostile_expressions_are_refused(expression: str) -> None:
    errors = refused("progression/steps.yaml", SCHEME.replace("when: missed >= fails", f"when: >-\n      {expression}"))
    assert {error.line for error in errors} == {22}


def test_lets_that_double_and_double_are_refused() -> None:
    lets = "  a0: missed + missed\n" + "".join(f"  a{n}: a{n - 1} + a{n - 1}\n" for n in range(1, 28))
    text = SCHEME.replace("let:\n", f"let:\n{lets}").replace("missed >= fails", "a27 >= fails")
    (error,) = refused("progression/steps.yaml", text)
    assert "with every let in it written out" in error.message


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        ("progression/plan.yaml", PROGRAMME, "programmes/"),
        ("programmes/steps.yaml", SCHEME, "progression/ or deload/"),
        ("deload/squat.yaml", EXERCISE, "exercises/"),
    ],
)
def test_a_file_in_the_folder_of_another_kind_is_told_where_it_belongs(path: str, text: str, where: str) -> None:
    (error,) = (each for each in refused(path, text) if each.file == path)
    assert (error.line, error.column) == (1, 1)
    assert error.message.endswith(f"; it belongs into {where}.")


def test_a_trigger_without_rules_is_refused() -> None:
    (error,) = refused("deload/rest.yaml", DELOAD.replace("examples:", "after session: []\nexamples:"))
    assert error.message == "after session has no rules; leave it out."


def test_a_file_outside_the_folders_is_refused() -> None:
    with pytest.raises(RuleSetInvalid, match=r"a rule file is a \.yaml file in catalogue, exercises"):
        library_from_files({"../etc/passwd": b"a: b"})
