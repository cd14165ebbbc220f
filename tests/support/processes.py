"""Whether a process of the system has ended."""

from pathlib import Path


def alive(pid: int) -> bool:
    """False also for a zombie: it holds nothing any more, only init or its parent has yet to take notice of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
