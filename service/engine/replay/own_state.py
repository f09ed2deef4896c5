"""What a scheme keeps on a track of its own, by the types that its file declares."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.engine.replay.track import Value
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.types import Type

_KEPT_AS: Final[dict[Type, type]] = {"bool": bool, "int": int, "range": tuple}
"""What the values of a scheme's state are; those of all other types are decimals."""


def is_state_of(scheme: Scheme, values: tuple[Value, ...]) -> bool:
    """Whether a scheme can go on from the values that a scheme of its name has kept, perhaps in another version."""
    kinds = [_KEPT_AS.get(variable.type, Decimal) for variable in scheme.state]
    return [type(value) for value in values] == kinds
