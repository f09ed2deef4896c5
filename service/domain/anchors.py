"""Anchors: what a client or an auditor kept of a log, outside the store, to hold the log against later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

import msgspec

from service.domain.identifiers import DIGEST, GYM_OR_LIFTER, LifterRef

_Digest = Annotated[str, msgspec.Meta(pattern=f"^(?:{DIGEST.pattern})\\Z")]
_Name = Annotated[str, msgspec.Meta(pattern=f"^(?:{GYM_OR_LIFTER.pattern})\\Z")]


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """At ``version`` the chain over a lifter's log had the head ``log_head`` (hex).

    ``prescription_id`` and ``sha256`` go together: the derivation of that prescription had that hash.
    """

    lifter: _Name
    version: Annotated[int, msgspec.Meta(ge=1)]
    log_head: _Digest
    gym: _Name | None = None
    prescription_id: str | None = None
    sha256: _Digest | None = None

    def __post_init__(self) -> None:
        """Refuse half a derivation."""
        if (self.prescription_id is None) != (self.sha256 is None):
            raise ValueError("`prescription_id` and `sha256` go together")

    def of(self, gym: str) -> LifterRef:
        """Whose log it is about; of ``gym`` where the anchor does not say."""
        return LifterRef(self.gym or gym, self.lifter)


_decode: Final = msgspec.json.Decoder(Anchor).decode


def read_anchors(lines: Iterable[bytes]) -> Iterator[Anchor]:
    """The anchors of a file, one a line as JSON; `ValueError` that names the line which is none."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _decode(line)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ValueError(f"line {number} is no anchor: {error}") from error


def write_anchor(anchor: Anchor) -> bytes:
    """An anchor as a line."""
    return msgspec.json.encode(anchor) + b"\n"
