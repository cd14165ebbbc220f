"""`blogai db`: what an operator types, sees and gets as an exit code."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from blogai.db.commands import db
from blogai.db.scripts import load
from blogai.db.session import LOCK_KEY

Run = Callable[..., Result]

EVERYTHING = [migration.id for migration in load()]


@pytest.fixture
def run(blank_dsn: str) -> Run:
    """Runs a command against an empty database of the user's own server."""

    def command(*arguments: str, answer: str = "", **environment: str) -> Result:
        return CliRunner().invoke(
            db, list(arguments), input=answer, env={"BLOGAI_OWNER_DATABASE_URL": blank_dsn, **environment}
        )

    return command


def states(result: Result) -> dict[str, str]:
    return {step["id"]: step["state"] for step in json.loads(result.stdout)["migrations"]}


def test_migrate_status_verify_rollback(run: Run) -> None:
    assert set(states(run("status", "--json")).values()) == {"pending"}
    some = run("migrate", "--to", "1")
    assert some.exit_code == 0
    assert some.stdout.splitlines() == [f"applied {migration_id}" for migration_id in EVERYTHING[:2]]
    assert list(states(run("status", "--json")).values()).count("applied") == 2
    rest = run("migrate", "--json")
    assert json.loads(rest.stdout) == {"applied": EVERYTHING[2:]}
    assert run("migrate").stdout == "nothing to apply\n"

    table = run("status").stdout
    assert all(migration_id in table for migration_id in EVERYTHING)
    verified = run("verify")
    assert verified.exit_code == 0
    assert f"{len(EVERYTHING)} of {len(EVERYTHING)} applied" in verified.stderr

    undone = run("rollback", "--to", "1", "--yes")
    assert undone.stdout.splitlines() == [f"undone {migration_id}" for migration_id in reversed(EVERYTHING[2:])]
    assert json.loads(run("rollback", "--to", "base", "--yes", "--json").stdout) == {
        "undone": list(reversed(EVERYTHING[:2]))
    }
    assert run("rollback", "--to", "base", "--yes").stdout == "nothing to undo\n"


def test_rollback_asks_first(run: Run) -> None:
    run("migrate", "--to", "2")
    refused = run("rollback", "--to", "1", answer="n\n")
    assert refused.exit_code == 1
    assert "undoes 002_create_tool_usage, with all data" in refused.stderr
    assert list(states(run("status", "--json")).values()).count("applied") == 3
    silent = run("rollback", "--to", "base")
    assert silent.exit_code == 1
    assert list(states(run("status", "--json")).values()).count("applied") == 3
    agreed = run("rollback", "--to", "1", answer="y\n")
    assert agreed.exit_code == 0
    assert list(states(run("status", "--json")).values()).count("applied") == 2


def test_verify_tells_what_is_broken(run: Run, blank_dsn: str) -> None:
    run("migrate", "--to", "2")
    with psycopg.connect(blank_dsn, autocommit=True) as conn:
        conn.execute("drop table public.tool_usage")
    result = run("verify")
    assert result.exit_code == 1
    assert "tool_usage" in result.stdout
    steps = {step["id"]: step["problem"] for step in json.loads(run("verify", "--json").stdout)["migrations"]}
    assert steps["001_create_generated_content"] is None
    assert "002_create_tool_usage.verify.sql" in steps["002_create_tool_usage"]


@pytest.mark.parametrize("to", ["999", "-1", "x", "²", ""])
def test_rollback_to_nonsense(run: Run, to: str) -> None:
    result = run("rollback", "--to", to, "--yes")
    assert result.exit_code == 2
    assert one_line(result)


def test_owner_login_is_needed(run: Run, blank_dsn: str) -> None:
    result = run("migrate", BLOGAI_OWNER_DATABASE_URL="", BLOGAI_DATABASE_URL=blank_dsn)
    assert result.exit_code == 2
    assert "BLOGAI_OWNER_DATABASE_URL" in one_line(result)


def test_without_an_address_the_embedded_server_is_meant(data_dir: Path) -> None:
    result = CliRunner().invoke(db, ["status", "--json"], env={"BLOGAI_DATA_DIR": str(data_dir)})
    assert result.exit_code == 0, result.stderr
    assert set(states(result).values()) == {"pending"}
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_no_server(run: Run) -> None:
    result = run("status", BLOGAI_OWNER_DATABASE_URL="host=/nonexistent")
    assert result.exit_code == 1
    assert "cannot be reached" in one_line(result)


def test_an_unreadable_address_shows_no_password(run: Run) -> None:
    result = run("status", BLOGAI_OWNER_DATABASE_URL="hunter2 hunter2")
    assert result.exit_code == 2
    assert "BLOGAI_OWNER_DATABASE_URL is not a valid connection address" in one_line(result)
    assert "hunter2" not in result.stderr


def test_a_failing_migration_is_one_line(run: Run, blank_dsn: str) -> None:
    with psycopg.connect(blank_dsn, autocommit=True) as conn:
        conn.execute("create table public.tool_usage (id integer)")
    result = run("migrate")
    assert result.exit_code == 1
    assert '002_create_tool_usage.sql: relation "tool_usage" already exists (42P07)' in one_line(result)


def test_another_runner(run: Run, blank_dsn: str) -> None:
    with psycopg.connect(blank_dsn) as conn:
        conn.execute("select pg_advisory_lock(%s)", [LOCK_KEY])
        result = run("migrate", "--wait", "0.05")
        assert f"(server process {conn.info.backend_pid})" in one_line(result)
    assert result.exit_code == 1


def test_create_login(run: Run, blank_dsn: str) -> None:
    run("migrate")
    try:
        made = run("create-login", "runner_cli")
        assert made.exit_code == 0
        variable, _, url = made.stdout.strip().partition("=")
        assert variable == "BLOGAI_DATABASE_URL"
        with psycopg.connect(url) as conn:
            conn.execute("set role service_role")
        assert url.split(":")[2].split("@")[0] not in made.stderr
        again = run("create-login", "runner_cli")
        assert again.exit_code == 2
        assert "a role runner_cli already" in one_line(again)
    finally:
        with psycopg.connect(blank_dsn, autocommit=True) as conn:
            conn.execute("drop owned by runner_cli; drop role runner_cli")


def one_line(result: Result) -> str:
    """The error of a command: one line on standard error, no traceback."""
    lines = [line for line in result.stderr.splitlines() if line]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    return lines[0]
