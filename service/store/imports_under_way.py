"""How far the import of a lifter's log is, while it is appended or taken back."""

from __future__ import annotations

from typing import Final

import msgspec

from service.domain.identifiers import LifterRef
from service.store import key_names
from service.store.connections import Client, answering

LIFETIME_S: Final = 30
"""After this long without a word an import counts as under way no longer: it was killed."""


class UnderWay(msgspec.Struct, frozen=True, array_like=True):
    """An import of another app's export that is being appended, or taken back: through with ``done`` of ``events``."""

    import_id: str
    app: str
    done: int
    events: int


_encode: Final = msgspec.json.encode
_decode: Final = msgspec.json.Decoder(UnderWay).decode


class ImportsUnderWay:
    """The imports of all lifters; of two at once for one lifter, the one that was told of last."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def tell(self, lifter: LifterRef, far: UnderWay) -> None:
        """Say how far an import is."""
        with answering():
            self._client.execute_command("SET", key_names.importing(lifter), _encode(far), "EX", LIFETIME_S)

    def of(self, lifter: LifterRef) -> UnderWay | None:
        """The import of a lifter's that is under way, and how far it is."""
        with answering():
            stored = self._client.execute_command("GET", key_names.importing(lifter))
        return None if stored is None else _decode(stored)

    def find(self, lifter: LifterRef, import_id: str) -> UnderWay | None:
        """How far an import is; None for one that is not under way."""
        far = self.of(lifter)
        return far if far is not None and far.import_id == import_id else None

    def end(self, lifter: LifterRef) -> None:
        """Say that the import is over."""
        with answering():
            self._client.execute_command("DEL", key_names.importing(lifter))
