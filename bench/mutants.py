"""What slips of the pen get through: small random changes to the library's schemes, and who notices each.

`python -m bench.mutants` changes one thing at a time, a sign, a name, a number or a line, and asks first the checker,
then the examples in the file, then the proofs. Whoever notices first is counted. What nobody notices is listed: an
example that is missing, or a change that makes no difference. A broken file may be refused; it must never raise more.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import click

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files, load_library
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.rule_examples import rehearse
from service.proofs.library import proofs_of

Noticed: TypeAlias = Literal["checker", "examples", "proofs", "nobody"]

_SIGNS: Final = (
    (r" >= ", " > "), (r" > ", " >= "), (r" <= ", " < "), (r" < ", " <= "), (r" == ", " != "), (r" != ", " == "),
    (r"\band\b", "or"), (r"\bor\b", "and"), (r" \+ ", " - "), (r" - ", " + "), (r"\bmin\b", "max"), (r"\bmax\b", "min"),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\bnot ", ""), (r"\bset\.load\b", "prescribed.load"),
    (r"\ball\(", "any("), (r"\bany\(", "all("),
)  # fmt: skip
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?![\w.])")
_RULES: Final = re.compile(r"^(?:state|let|after \w+|before prescription|prescribe|adjust|bounds):", re.MULTILINE)
_PROSE: Final = re.compile(r"^\s*(?:because|notes|- rule|title|outcome):?")


class Mutant(NamedTuple):
    """A scheme file with one change, and what that is."""

    file: str
    line: int
    change: str
    text: str


def mutants(file: str, text: str) -> Iterator[Mutant]:
    """Every change of a kind that this module knows, one at a time; the examples are left alone."""
    start = min((found.start() for found in _RULES.finditer(text)), default=0)
    end = text.find("\nexamples:")
    names = re.findall(r"^  (\w+):\s+\{type", text, re.MULTILINE)
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if start <= offset < end and line.strip() and not line.lstrip().startswith("#"):
            for change, changed in _changes(line, names):
                whole = text[:offset] + changed + text[offset + len(line) :]
                yield Mutant(file, number, change, whole)
        offset += len(line)


def _changes(line: str, names: list[str]) -> Iterator[tuple[str, str]]:
    yield "line left out", ""
    if _PROSE.match(line):
        return
    for pattern, instead in _SIGNS:
        for found in re.finditer(pattern, line):
            yield (
                f"{found[0].strip()} → {instead.strip() or 'nothing'}",
                line[: found.start()] + instead + line[found.end() :],
            )
    for found in _NUMBER.finditer(line):
        more = str(int(found[0]) + 1)
        yield f"{found[0]} → {more}", line[: found.start()] + more + line[found.end() :]
    for name in names:
        for found in re.finditer(rf"(?<![\w.]){name}(?![\w.:])", line):
            for other in names:
                if other != name:
                    yield f"{name} → {other}", line[: found.start()] + other + line[found.end() :]


def noticed(mutant: Mutant, library: Library) -> Noticed:
    """Who notices a change first; whatever else goes wrong is raised."""
    try:
        changed = library_from_files({mutant.file: mutant.text.encode()}, library)
    except RuleSetInvalid:
        return "checker"
    scheme = next(each for each in changed.schemes.values() if each.file == mutant.file)
    if any(rehearse(scheme, example, changed).failures for example in scheme.examples):
        return "examples"
    return "proofs" if _disproven(scheme, changed) else "nobody"


def _disproven(scheme: Scheme, library: Library) -> bool:
    return any(claim.finding is not None for _, claims in proofs_of(library, [scheme]) for claim in claims)


@click.command()
@click.option("--each", default=12, show_default=True, help="How many changes of each scheme.")
@click.option("--seed", default=1, show_default=True, help="Which ones.")
@click.argument("schemes", nargs=-1)
def main(each: int, seed: int, schemes: tuple[str, ...]) -> None:
    """Change the library's SCHEMES (default: all), and count who notices."""
    library = load_library(Path("rules"))
    counts: Counter[Noticed] = Counter()
    for scheme in library.schemes.values():
        if schemes and scheme.id not in schemes:
            continue
        possible = list(mutants(scheme.file, library.files[scheme.file].decode()))
        chosen = random.Random(f"{seed} {scheme.id}").sample(possible, min(each, len(possible)))
        for mutant in chosen:
            by = noticed(mutant, library)
            counts[by] += 1
            if by == "nobody":
                click.echo(f"rules/{mutant.file}:{mutant.line}: nobody notices {mutant.change}")
    total = sum(counts.values())
    told = ", ".join(f"{counts[by]} by {by}" for by in ("checker", "examples", "proofs", "nobody"))
    click.echo(f"{total} changes: noticed {told}.")


if __name__ == "__main__":
    main()
