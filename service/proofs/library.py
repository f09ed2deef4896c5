"""The proofs of a library, scheme by scheme."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.files.library import Library
from service.engine.model import Scheme
from service.proofs.claims import Proof, prove


def proofs_of(library: Library) -> Iterator[tuple[Scheme, list[Proof]]]:
    """Every scheme with what was proven of it, and what was not."""
    for scheme in library.schemes.values():
        yield scheme, list(prove(scheme))
