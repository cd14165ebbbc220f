"""The exact end of a server's process, which need not be our child.

A process gives up its working folder, its files and its memory one after the other. It has ended when it holds
none of them any more: then it is gone, or a zombie that only waits for its parent to take notice of it.
"""

import os
import select
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_POLL = 0.005
_PROC = Path("/proc")


def ended_within(pid: int, seconds: float) -> bool:
    """Waits until a process has ended, at most so many seconds; tells whether it has. Collects a child of ours."""
    ended = _by_handle(pid, seconds)
    if ended is None:  # a system without such handles, or a sandbox that refuses them
        ended = _by_looking(_seen_in_proc if (_PROC / "self/stat").exists() else _seen_by_ps, pid, seconds)
    if ended:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    return ended


def _by_handle(pid: int, seconds: float) -> bool | None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    except (AttributeError, OSError):
        return None
    try:
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
    finally:
        os.close(handle)


def _by_looking(state: Callable[[int], str], pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while state(pid)[:1] not in {"", "Z", "X"}:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _seen_in_proc(pid: int) -> str:
    """The state's letter; empty when there is no such process."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _seen_by_ps(pid: int) -> str:
    told = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip()
