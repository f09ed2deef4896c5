"""Exporting a lifter: everything that another Spotter needs to answer the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

import msgspec

from service.domain.errors import SpotterError
from service.domain.event_encoding import decode
from service.domain.events import ProgrammeAssigned
from service.domain.exports import FORMAT, End, LoggedEntry, Manifest, RuleSetFiles, encode_line
from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.identifiers import LifterRef
from service.domain.sealing import known_up_to
from service.engine.version import ENGINE_VERSION
from service.store.log_transfer import StoredEntry
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.services import Services


class ExportCutOff(SpotterError):
    """The log went away while it was read, or has gaps; the export ends without its last line."""


def export(services: Services, lifter: LifterRef, *, said: set[str] | None = None) -> Iterator[bytes]:
    """The lines of a lifter's export, as of now, in pieces.

    ``said`` are the digests of rule sets that the same file has already; those of this export are added to it. Raises
    `NotFound` and `Erased` at once, not when the first line is taken.
    """
    version = services.log.head(lifter)
    if not version:
        raise erased_or_unknown(services, lifter)
    head, digests = GENESIS, set[str]()
    for page in services.log_transfers.pages(lifter, version):
        head = extend_chain(head, (entry.sha256 for entry in page))
        digests |= pinned(page)
    digests -= said if said is not None else set()
    files = {digest: found for digest in sorted(digests) if (found := services.archive.get(digest)) is not None}
    if said is not None:
        said.update(files)
    origins = known_up_to(version, services.log_transfers.origins(lifter))
    manifest = Manifest(FORMAT, ENGINE_VERSION, lifter.lifter, version, head.hex(), origins)
    return _lines(services, lifter, manifest, files)


def pinned(entries: Iterable[StoredEntry]) -> set[str]:
    """The digests of the rule sets that entries pin; one that cannot be read pins none."""
    digests = set()
    for entry in entries:
        if entry.default:
            digests.add(entry.default.decode())
        if b'"programme_assigned"' in entry.event:
            with suppress(msgspec.MsgspecError, UnicodeError):
                data = decode(entry.event).data
                if isinstance(data, ProgrammeAssigned) and data.digest is not None:
                    digests.add(data.digest)
    return digests


def _lines(
    services: Services, lifter: LifterRef, manifest: Manifest, rule_sets: Mapping[str, Mapping[str, bytes]]
) -> Iterator[bytes]:
    yield encode_line(manifest)
    for digest, files in rule_sets.items():
        yield encode_line(RuleSetFiles(digest, {path: content.decode() for path, content in files.items()}))
    version = 0
    for page in services.log_transfers.pages(lifter, manifest.version):
        yield b"".join(encode_line(line_of(number, entry)) for number, entry in enumerate(page, version + 1))
        version += len(page)
    if version != manifest.version:
        why = str(erased_or_unknown(services, lifter)) if not services.log.head(lifter) else "the log has gaps"
        raise ExportCutOff(f"the export of {lifter.lifter!r} ends here: {why}")
    yield encode_line(End(version, len(rule_sets), manifest.log_head))


def line_of(version: int, entry: StoredEntry) -> LoggedEntry:
    """An entry as a line of an export."""
    event = msgspec.Raw(entry.event)
    return LoggedEntry(version, event, entry.sha256.hex(), entry.seal.hex(), entry.default.decode() or None)
