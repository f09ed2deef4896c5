"""The operator's token: opens the operator's page, and nothing of any gym. The data folder holds its SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from service.domain.errors import SpotterError

_FILE: Final = "operator-token.sha256"


def make_operator_token(data_dir: Path) -> str:
    """A new token; the one before opens nothing any more. Raises `SpotterError` where it cannot be kept."""
    token = f"op_{secrets.token_urlsafe(32)}"
    written = data_dir / f"{_FILE}.{secrets.token_hex(4)}"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_sha256(token))
        written.replace(data_dir / _FILE)
    except OSError as error:
        with suppress(OSError):
            written.unlink(missing_ok=True)
        raise SpotterError(f"The token cannot be kept in {data_dir}: {error.strerror}.") from error
    return token


def operator_sha256(data_dir: Path) -> str | None:
    """The hash of the token that is valid; None where none was made."""
    try:
        return (data_dir / _FILE).read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None


def is_operator(data_dir: Path, presented: str) -> bool:
    """Whether what is shown is the token; it takes as long whatever that is."""
    known = operator_sha256(data_dir)
    return hmac.compare_digest(_sha256(presented), known or "") and known is not None


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
