"""Runs a piece of Python under another account of the system, for the proofs that it is kept out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import blogai

NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

_BECOME = """
import os, sys
import psycopg
import blogai.db.embedded, blogai.db.server_binaries
psycopg.pq.version()
os.setgroups([]); os.setgid({uid}); os.setuid({uid}); os.chdir("/")
"""
"""All is imported before the account changes: it may not be able to read our Python."""


def environment() -> dict[str, str]:
    """For child processes: the code under test, then whatever this process was told."""
    path = [str(Path(blogai.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def run_as_nobody(code: str, *arguments: str | Path) -> str:
    """What the code prints; it sees the arguments from sys.argv[1] on."""
    command = [sys.executable, "-c", _BECOME.format(uid=NOBODY) + code, *map(str, arguments)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
