"""`spotter verify`: prove that nobody tampered with the store, or show where."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.bootstrap import bootstrap
from service.commands.options import LIFTER, gym_option
from service.commands.running_spotter import running_spotter
from service.domain.anchors import Anchor, read_anchors, write_anchor
from service.domain.identifiers import LifterRef
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.verify import Verified, verify
from service.usecases.log.verify_store import check_store
from service.usecases.services import Services

_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command("verify")
@click.option("--lifter", type=LIFTER, help="Only this lifter. Default: everybody, of every gym.")
@click.option("--anchors", type=_FILE, help="Hold the logs against the heads in this file too, one a line as JSON.")
@click.option("--write-anchors", type=_FILE, help="Write the heads of the logs found clean to this file.")
@click.option("--processes", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default=True)
@gym_option
def verify_command(
    lifter: str | None, anchors: Path | None, write_anchors: Path | None, processes: int, gym: str
) -> None:
    """Read everything and replay it from nothing; exit status 1 if anything is not as it was written.

    An anchor is what somebody kept outside: {"lifter", "version", "log_head"}, perhaps "gym", and with
    "prescription_id" and "sha256" the derivation of a prescription.
    """
    services = running_spotter()
    console = Console()
    kept = _anchors(anchors, gym)
    lifters = _lifters(services, None if lifter is None else LifterRef(gym, lifter), kept)
    looked = verify_all(services, console, lifters, kept, processes)
    if write_anchors is not None:
        write_anchors.write_bytes(b"".join(write_anchor(_anchor_of(each)) for each in looked.clean))
    console.print(
        "Not looked at: feeds of changes, webhooks, gyms, keys, kept answers, what warnings go by. Only anchors find "
        "what was made to fit throughout, put back as all of it once stood, or removed without a trace.",
        highlight=False,
        soft_wrap=True,
    )
    if looked.findings:
        raise click.exceptions.Exit(1)


class Looked(NamedTuple):
    """How many things are amiss, and who is clean."""

    findings: int
    clean: list[Verified]


def verify_all(
    services: Services,
    console: Console,
    lifters: list[LifterRef],
    kept: Mapping[LifterRef, list[Anchor]],
    processes: int,
) -> Looked:
    """Verify lifters and what is of no one lifter, and show what is found."""
    problems = check_store(services)
    for problem in problems:
        console.print(f"[red]The store[/]: {escape(problem)}", highlight=False, soft_wrap=True)
    findings, clean = len(problems), list[Verified]()
    started = time.monotonic()
    bar = Progress(TextColumn("Verifying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    results = verify(services, lifters, kept, processes=min(processes, len(lifters) or 1), start=bootstrap)
    events = foreign = 0
    with bar:
        for verified in bar.track(results, total=len(lifters)):
            events += verified.events
            foreign += verified.foreign
            findings += len(verified.findings)
            for line in _lines(verified):
                console.print(line, highlight=False, soft_wrap=True)
            if verified.events and not verified.findings:
                clean.append(verified)
    seconds = time.monotonic() - started
    if foreign:
        console.print(f"{foreign:,} derivation(s) are another engine's, which this one cannot make again.")
    amiss = f"[red]{findings:,} finding(s)[/]" if findings else "[green]nothing is amiss[/]"
    console.print(
        f"Verified {events:,} events of {len(lifters):,} lifter(s) in {seconds:.1f} s: {amiss}.", highlight=False
    )
    return Looked(findings, clean)


def _anchors(path: Path | None, gym: str) -> dict[LifterRef, list[Anchor]]:
    """The anchors of a file by lifter."""
    by_lifter: defaultdict[LifterRef, list[Anchor]] = defaultdict(list)
    if path is not None:
        try:
            with path.open("rb") as lines:
                for anchor in read_anchors(lines):
                    by_lifter[anchor.of(gym)].append(anchor)
        except (OSError, ValueError) as error:
            raise click.BadParameter(str(error), param_hint="'--anchors'") from error
    return by_lifter


def _lifters(services: Services, only: LifterRef | None, anchors: dict[LifterRef, list[Anchor]]) -> list[LifterRef]:
    """Whom to verify: everybody that the store or an anchor knows of, or one of them."""
    everybody = dict.fromkeys([*services.raw_reads.lifters(), *anchors])
    if only is None:
        return list(everybody)
    if only not in everybody:
        raise erased_or_unknown(services, only)
    return [only]


def _lines(verified: Verified) -> Iterator[str]:
    gym, lifter = verified.lifter
    for version, message in verified.findings:
        where = f" version {version}" if version else ""
        yield f"[red]{lifter}[/] of {gym}{where}: {escape(message)}"


def _anchor_of(verified: Verified) -> Anchor:
    gym, lifter = verified.lifter
    return Anchor(lifter, verified.events, verified.log_head.hex(), gym)
