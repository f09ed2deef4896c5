"""A file system of a few megabytes, to be filled."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount one; the test is skipped where nobody may."""
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder:
        options = f"size={megabytes}m,mode=700"
        mounted = subprocess.run(
            ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False, capture_output=True
        )
        if mounted.returncode:
            pytest.skip(f"a full disk takes a file system to fill, which nobody may mount here: {mounted.stderr!r}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["/bin/umount", "--lazy", folder], check=True)
