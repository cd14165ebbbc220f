"""How long a start takes and how much memory it costs, against the parts that nobody can leave out.

python -m benchmarks.startup [--rounds N]
"""

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import Row, show
from blogai.db.embedded import EmbeddedPostgres

BLOGAI = str(Path(sys.executable).with_name("blogai"))
BASE_ENV = {
    key: value for key, value in os.environ.items() if not key.startswith(("BLOGAI_", "OPENAI", "ANTHROPIC", "GEMINI"))
}


def run(*arguments: str, env: dict[str, str] | None = None) -> float:
    """Seconds that a command takes."""
    begin = time.perf_counter()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env or BASE_ENV)
    return time.perf_counter() - begin


def python(code: str) -> float:
    return run(sys.executable, "-c", code)


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[tuple[float, int]]:
    """A running `blogai serve`: seconds to the first 200 of the Write page, and its process number."""
    env = BASE_ENV | {"BLOGAI_DATA_DIR": str(folder), "BLOGAI_PORT": "0"} | settings
    begin = time.perf_counter()
    process = subprocess.Popen([BLOGAI, "serve"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=env)
    try:
        assert process.stderr is not None
        url = None
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                url = found.group(0)
                break
        assert url is not None, "serve did not start"
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert answer.status == 200
        yield time.perf_counter() - begin, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def resident(pid: int) -> int:
    """Proportional memory of a process and its children in MB: pages that several share count once."""
    total = 0
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    queue = [pid]
    while queue:
        here = queue.pop()
        queue += children.get(here, [])
        rollup = Path(f"/proc/{here}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M).group(1))  # type: ignore[union-attr]
    return total // 1024


def bare_server(folder: Path) -> float:
    """Seconds for initdb and the first start of the embedded server, with nothing of ours in it."""
    begin = time.perf_counter()
    server = EmbeddedPostgres(folder)
    server.start()
    took = time.perf_counter() - begin
    server.stop()
    return took


def measure(rounds: int) -> list[Row]:
    median = statistics.median
    web, bare, cold, warm, driver, help_, history, start = ([] for _ in range(8))
    memory, bare_memory = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            root = Path(name)
            root.chmod(0o755)
            web.append(python("import nicegui, fastapi, uvicorn"))
            bare.append(bare_server(root / "bare"))
            with served(root / "data") as (seconds, _pid):
                cold.append(seconds)
            with served(root / "data") as (seconds, pid):
                warm.append(seconds)
                time.sleep(5)
                memory.append(resident(pid))
            with served(root / "data", OPENAI_API_KEY="unused") as (_seconds, pid):  # so nobody needs the model
                time.sleep(5)
                bare_memory.append(resident(pid))
            driver.append(python("import typer, psycopg"))
            help_.append(run(BLOGAI, "--help"))
            env = BASE_ENV | {"BLOGAI_DATA_DIR": str(root / "data")}
            begin = time.perf_counter()
            with EmbeddedPostgres(root / "data"):
                start.append(time.perf_counter() - begin)
                history.append(run(BLOGAI, "history", env=env))
    floor = median(bare) + median(web)
    return [
        Row(
            "serve, empty data directory, to the Write page",
            median(cold) / floor,
            "<= 2",
            "initdb + bare start + import of the web framework",
        ),
        Row(
            "serve, existing data, to the Write page",
            median(warm) / median(web),
            "<= 1.5",
            "import of the web framework",
        ),
        Row("blogai --help", median(help_) / median(driver), "<= 3", "import typer, psycopg"),
        Row("blogai history, server running", median(history) / median(driver), "<= 3", "import typer, psycopg"),
        Row("idle server without the model, MB", median(bare_memory), "< 300", "proportional set size"),
        Row("idle server with the model loaded, MB", median(memory), "< 600", "proportional set size"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    show("Start and memory", measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
