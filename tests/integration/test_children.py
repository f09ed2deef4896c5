"""Single supervised processes: what keeps dying, what does not stop, what lost its parent."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.running.supervised_process import Child, ChildFailed
from tests.support.running import eventually, standing_of

_STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); {}"

# A parent that starts a tied child, which prints its number; both then wait to be killed.
_PARENT = """
import subprocess, sys, time
from service.running import parent_death
child = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); {sleep}"]
script, *arguments = parent_death.tied(child)[3:]
subprocess.Popen([sys.executable, "-c", {launcher!r}, script, *arguments])
{sleep}
"""
_BY_THE_KERNEL = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
# Where the kernel cannot tie processes together, the script stays and watches.
_BY_WATCHING = f"import sys; sys.platform = 'darwin'; {_BY_THE_KERNEL}"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_that_keeps_dying_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    child = Child("scales", _python("raise SystemExit('the scales are broken')"), tmp_path / "scales.log", ())
    child.start()

    with pytest.raises(ChildFailed) as failure:
        _tend_for_a_minute(child)

    assert "The scales died 6 times" in str(failure.value)
    assert str(failure.value).endswith("  the scales are broken")
    assert not child.is_alive()
    assert (tmp_path / "scales.log").read_text() == "the scales are broken\n" * 6


def test_a_child_that_does_not_stop_is_killed_at_the_deadline(tmp_path: Path) -> None:
    log = tmp_path / "stubborn.log"
    child = Child("stubborn", _python(_STUBBORN.format("time.sleep(600)")), log, ())
    child.start()
    eventually(lambda: log.read_text() == "up\n", "it ignores SIGTERM")
    child.terminate()
    child.wait(time.monotonic())
    assert not child.is_alive()


def test_a_log_that_grew_large_is_begun_anew_and_what_it_held_is_kept_once(tmp_path: Path) -> None:
    log = tmp_path / "chatty.log"
    chatter = "import time\nfor n in range(40): print(f'{n:09d}', flush=True); time.sleep(0.01)\ntime.sleep(600)"
    child = Child("chatty", _python(chatter), log, (), largest_log=300)
    child.start()
    eventually(lambda: log.stat().st_size >= 300, "it grew large")
    child.tend()
    before = Path(f"{log}.1").read_text().splitlines()
    eventually(lambda: log.read_text().endswith("000000039\n"), "the rest is in the log")
    child.terminate()
    child.wait(time.monotonic() + 5)
    assert before[:30] == [f"{n:09d}" for n in range(30)]
    assert len(before) + len(log.read_text().splitlines()) in (39, 40)


@pytest.mark.parametrize("launcher", [_BY_THE_KERNEL, _BY_WATCHING], ids=["by the kernel", "by watching"])
def test_a_tied_child_dies_with_its_killed_parent(launcher: str) -> None:
    code = _PARENT.format(launcher=launcher, sleep="time.sleep(600)")
    with subprocess.Popen(_python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        grandchild = int(parent.stdout.readline())
        assert _is_alive(grandchild)
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not _is_alive(grandchild), "the grandchild is gone")


def _tend_for_a_minute(child: Child) -> None:
    for _ in range(6000):
        child.tend()
        time.sleep(0.01)


def _is_alive(process: int) -> bool:
    found = standing_of(process)
    return found is not None and found.state != "Z"
