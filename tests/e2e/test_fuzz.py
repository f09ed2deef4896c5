"""Schemathesis holds a running Spotter to its contract: all checks, each operation, and along the links between them.

Here it is a small part, the same every time. ``make fuzz`` is the whole: every phase, 200 examples an operation, other
ones each time; it leaves its report in var/fuzz.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from tests.support.running import RunningSpotter

_KEY: Final = "key-of-the-fuzzer"
_PART: Final = ["--phases=examples,fuzzing,stateful", "--generation-deterministic", "--seed=1"]
_WHOLE: Final = ["--max-examples=200", "--generation-database=none", "--report=har,ndjson", "--report-dir=var/fuzz"]


@pytest.mark.long
@pytest.mark.parametrize("examples", [3])
def test_a_running_spotter_keeps_its_contract(tmp_path: Path, examples: int) -> None:
    long = settings.get_current_profile_name() == "long"
    amount = _WHOLE if long else [*_PART, f"--max-examples={examples}"]
    with RunningSpotter(tmp_path, SPOTTER_API_KEY=_KEY, SPOTTER_RATE_LIMIT="100000000") as spotter:
        command = [str(Path(sys.executable).with_name("schemathesis")), "--no-color", "run", "openapi.yaml"]
        result = subprocess.run(
            [*command, "--url", spotter.url, "--checks=all", *amount],
            env={**os.environ, "SPOTTER_API_KEY": _KEY},
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
