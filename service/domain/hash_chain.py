"""Canonical JSON, its hash, and the hash chain over a log: what makes a derivation a proof."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from service.domain.loads import canonical

GENESIS: Final = bytes(32)
"""The head of a log without events."""


def canonical_json(document: Any) -> bytes:
    """The one byte sequence of a document: keys sorted, no white space, decimals as strings, UTF-8."""
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    ).encode()


def sha256_of(document: Any) -> str:
    """SHA-256 (hex) over the canonical JSON of a document."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def extend_chain(head: bytes, contents: Iterable[bytes]) -> bytes:
    """The chain's head after further entries: each head is SHA-256(head before + content_sha256)."""
    sha256 = hashlib.sha256
    for content in contents:
        head = sha256(head + content).digest()
    return head


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return canonical(value)
    raise TypeError(f"a derivation cannot hold a {type(value).__name__}")
