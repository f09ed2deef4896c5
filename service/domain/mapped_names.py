"""What a name in other apps' exports means to a gym, where somebody there said so."""

from __future__ import annotations

import msgspec

from service.domain.instants import Instant


class MappedName(msgspec.Struct, frozen=True):
    """A name as it was said, whatever its case, the exercise that it means, and since when it does."""

    name: str
    exercise: str
    mapped_at: Instant
