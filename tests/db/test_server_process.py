import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from blogai.db import server_process
from blogai.db.server_process import ended_within

ORPHAN = """
import subprocess
print(subprocess.Popen(["sleep", "0.2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid)
"""


@pytest.fixture(params=["handle", "proc", "ps"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """The three ways to see an end; what a better one needs is taken away."""
    if request.param != "handle":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    if request.param == "ps":
        monkeypatch.setattr(server_process, "_PROC", tmp_path)


@contextmanager
def sleeping(seconds: float) -> Iterator[int]:
    """The number of a child of ours that sleeps."""
    child = subprocess.Popen(["sleep", str(seconds)])
    try:
        yield child.pid
    finally:
        child.kill()
        child.wait()


def test_a_living_process_has_not_ended() -> None:
    with sleeping(60) as pid:
        assert not ended_within(pid, 0.05)


def test_the_end_is_waited_for_and_our_child_collected() -> None:
    with sleeping(0.2) as pid:
        assert ended_within(pid, 60)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_number_that_nobody_has_any_more_has_ended() -> None:
    with sleeping(0) as pid:
        pass
    assert ended_within(pid, 0)


def test_the_child_of_an_ended_process_is_waited_for_too() -> None:
    pid = int(subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, check=True, timeout=60).stdout)
    assert ended_within(pid, 60)


def test_a_zombie_of_another_process_has_ended() -> None:
    careless = "import subprocess, sys; c = subprocess.Popen(['true']); print(c.pid, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", careless], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert ended_within(pid, 60)
        os.kill(pid, 0)  # its number is still taken
        parent.communicate(timeout=60)


def test_where_handles_are_refused_the_process_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pid: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "pidfd_open", refused, raising=False)
    with sleeping(60) as pid:
        assert not ended_within(pid, 0)
        os.kill(pid, signal.SIGKILL)
        assert ended_within(pid, 60)
