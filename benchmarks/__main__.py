"""Runs the benchmarks one after the other: python -m benchmarks [NAME ...]. Without names all that are quick."""

import subprocess
import sys
from pathlib import Path

SLOW = {"post_quality", "voice_writing"}
"""Hours of a small model: only by name."""

TOOLS = {"voice", "voice_authors", "voice_building", "voice_languages", "voice_lengths", "voice_packages"}
"""They want a corpus or a folder: `python -m benchmarks.NAME --help`."""

HELPERS = {"__init__", "__main__", "table", "yardstick"}


def names() -> list[str]:
    """Every benchmark of this folder that has a `main`."""
    return sorted(
        path.stem
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in HELPERS and "def main()" in path.read_text(encoding="utf-8")
    )


def main() -> int:
    chosen = sys.argv[1:] or [name for name in names() if name not in SLOW | TOOLS]
    if unknown := set(chosen) - set(names()):
        sys.stderr.write(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}\n")
        return 2
    # Each in a process of its own: imports and memory of one must not colour the next.
    return max(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode for name in chosen)


if __name__ == "__main__":
    sys.exit(main())
