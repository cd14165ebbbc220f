"""Whether a process of the system has ended."""

import time
from pathlib import Path


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until_ended(pid: int) -> None:
    """Returns when the process has ended. One in its last moment has no folder any more and is not yet a zombie."""
    deadline = time.monotonic() + 2
    while alive(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.001)
