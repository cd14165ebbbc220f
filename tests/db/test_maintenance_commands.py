"""`blogai db maintain` and `blogai db monitor`: what an operator types and gets."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pytest
from tests.db.other_user import environment
from typer.testing import CliRunner, Result

from blogai.db.commands import db
from blogai.db.operations.maintenance import TASKS

Run = Callable[..., Result]

OLD = (
    'insert into public.usage_records (user_id, operation_type, "timestamp")'
    " select 'ann', 'blog', now() - interval '2 years' from generate_series(1, 3)"
)


@pytest.fixture
def addresses(owner_dsn: str, app_dsn: str, tmp_path: Path) -> dict[str, str]:
    return {
        "BLOGAI_OWNER_DATABASE_URL": owner_dsn,
        "BLOGAI_DATABASE_URL": app_dsn,
        "BLOGAI_DATA_DIR": str(tmp_path / "data"),
    }


@pytest.fixture
def run(addresses: dict[str, str]) -> Run:
    def command(*arguments: str, without: str = "") -> Result:
        env = {name: None if name == without else value for name, value in addresses.items()}
        return CliRunner().invoke(db, list(arguments), env=env)

    return command


def outcomes(result: Result) -> dict[str, str]:
    return {entry["task"]: entry["outcome"] for entry in json.loads(result.stdout)["tasks"]}


def test_maintain(run: Run, owner_dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(owner_dsn, autocommit=True) as conn:
        conn.execute(OLD)
        planned = run("maintain", "--dry-run", "--json")
        assert json.loads(planned.stdout)["would_do"]["archive_usage"] == {"rows": 3}
        assert "archive_usage: rows 3" in run("maintain", "--dry-run", "archive_usage").stdout
        assert not (tmp_path / "data" / "archive").exists()
        done = run("maintain", "--json")
        assert done.exit_code == 0
        assert outcomes(done) == dict.fromkeys(TASKS, "done")
        assert len(list((tmp_path / "data" / "archive" / "usage").iterdir())) == 1
        assert run("maintain", "--due").stdout == "nothing is due\n"
        again = run("maintain", "vacuum", "reset_quotas")
        assert [line.split()[0] for line in again.stdout.splitlines()[1:]] == ["reset_quotas", "vacuum"]
        row = conn.execute("select count(*) from private.maintenance_log").fetchone()
        assert row == (len(TASKS) + 2,)


def test_one_address_is_enough(run: Run) -> None:
    assert outcomes(run("maintain", "--json", without="BLOGAI_DATABASE_URL")) == dict.fromkeys(TASKS, "done")
    program = outcomes(run("maintain", "--json", without="BLOGAI_OWNER_DATABASE_URL"))
    assert {task for task, outcome in program.items() if outcome == "not done"} == {"vacuum", "roll_recent_index"}
    report = json.loads(run("monitor", "--json", without="BLOGAI_DATABASE_URL").stdout)
    assert "vacuum was not done: needs the owner; run `blogai db maintain vacuum` from cron" in "".join(
        report["warnings"]
    )


def test_a_failure_is_exit_code_1(run: Run, owner_dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(owner_dsn, autocommit=True) as conn:
        conn.execute(OLD)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "archive").write_text("in the way")
    failed = run("maintain", "archive_usage", "--json")
    assert failed.exit_code == 1
    assert outcomes(failed) == {"archive_usage": "failed"}


def test_unknown_tasks_are_refused(run: Run) -> None:
    refused = run("maintain", "sweep")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: There is no task sweep.")
    assert "Choose from reset_quotas" in refused.stderr


def test_monitor(run: Run) -> None:
    shown = run("monitor")
    assert shown.exit_code == 0
    assert "! vacuum never ran" in shown.stdout
    assert "local" in shown.stdout
    report = json.loads(run("monitor", "--json", "--threshold", "1000", "--limit", "1").stdout)
    assert [row["user_id"] for row in report["sections"]["approaching"]] == ["local"]
    assert len(report["sections"]["sizes"]) == 1


@pytest.mark.parametrize("kind", ["xterm", "dumb"])
def test_watch_goes_on_until_ctrl_c(addresses: dict[str, str], kind: str) -> None:
    program, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "blogai", "db", "monitor", "--watch", "--interval", "0.1"],
        env={**environment(), **addresses, "COLUMNS": "120", "TERM": kind},
        stdout=terminal,
        stderr=subprocess.PIPE,
        # a shell starts what runs in its background without an ear for Ctrl-C, and children take that on
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    os.close(terminal)
    try:
        text = b""
        while text.count(b"Blog AI, ") < 3:
            text += os.read(program, 65536)
        process.send_signal(signal.SIGINT)
        while True:
            try:
                if not os.read(program, 65536):
                    break
            except OSError:  # the other end is closed
                break
        assert process.communicate(timeout=60)[1] == b"stopped\n"
        assert process.returncode == 130
    finally:
        process.kill()
        os.close(program)
