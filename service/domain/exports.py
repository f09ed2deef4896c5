"""The lines of an export: one lifter's log and the rule sets that it pins, as JSON a line (NDJSON).

First a manifest, then each rule set, then each entry of the log exactly as it is stored, last an end that counts them:
an export that was cut off has none. Exports of several lifters may follow each other in one file; a rule set that an
earlier one brought is not said again.

A proof bundle is the export of one lifter up to a version, with the derivation of a prescription before its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

FORMAT: Final = 1


class _Line(msgspec.Struct, frozen=True, tag_field="line", forbid_unknown_fields=True, omit_defaults=True):
    """Common settings of lines."""


class Manifest(_Line, frozen=True, tag="manifest"):
    """Whose log follows, at which version, and the head of the hash chain over it; ``engine`` derived from it last.

    ``origins`` say of which ``gym:lifter`` the log was as which its entries were written, up to a version each; where
    there are none, its seals are of version 1.
    """

    format: int
    engine: int
    lifter: str
    version: int
    log_head: str
    origins: tuple[tuple[int, str], ...] = ()


class RuleSetFiles(_Line, frozen=True, tag="rule_set"):
    """The files of a rule set, path to text; UTF-8 gives the bytes that the digest is of."""

    digest: str
    files: Mapping[str, str]


class LoggedEntry(_Line, frozen=True, tag="event"):
    """An entry of the log: the event in its very bytes, and its hashes in hex; ``default`` on the one that pins it."""

    version: int
    event: msgspec.Raw
    sha256: str
    seal: str
    default: str | None = None


class Derived(_Line, frozen=True, tag="derivation"):
    """What a proof bundle proves: a derivation in canonical JSON, and the edition of the rule set that it stands on."""

    edition: int
    derivation: msgspec.Raw


class End(_Line, frozen=True, tag="end"):
    """What was before it, so that a cut is noticed."""

    events: int
    rule_sets: int
    log_head: str


Line: TypeAlias = Manifest | RuleSetFiles | LoggedEntry | End
BundleLine: TypeAlias = Line | Derived

_encode: Final = msgspec.json.Encoder().encode

decode_line: Final = msgspec.json.Decoder(Line).decode
"""Read a line; ``msgspec.MsgspecError`` where it is none."""

decode_bundle_line: Final = msgspec.json.Decoder(BundleLine).decode
"""Read a line of a proof bundle; ``msgspec.MsgspecError`` where it is none."""


def encode_line(line: BundleLine) -> bytes:
    """Write a line, its line feed included."""
    return _encode(line) + b"\n"
