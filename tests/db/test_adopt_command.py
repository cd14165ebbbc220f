"""`blogai db adopt` as an operator types it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.db.live import make
from typer.testing import CliRunner, Result

from blogai.db.commands import db

Run = Callable[..., Result]


@pytest.fixture
def run(blank_dsn: str) -> Run:
    """Runs a command against a live database of the documented schema."""

    async def prepare() -> None:
        async with await psycopg.AsyncConnection[Any].connect(blank_dsn, autocommit=True) as conn:
            await make(conn, without=["009_create_templates"])

    asyncio.run(prepare())

    def command(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(
            db, list(arguments), input=answer, env={"BLOGAI_OWNER_DATABASE_URL": blank_dsn, "COLUMNS": "200"}
        )

    return command


def test_look_ask_adopt_migrate(run: Run) -> None:
    look = run("adopt", "--dry-run")
    assert look.exit_code == 0
    assert "009_create_templates (also 004_create_templates, 004b_create_templates)" in look.stdout
    assert "missing: will be applied" in look.stdout
    assert "gift, torn" in look.stdout
    assert "nothing was changed" in look.stderr

    refused = run("adopt", answer="n\n")
    assert refused.exit_code == 1
    assert "pg_dump" in refused.stderr
    assert "Take 13 steps" in refused.stderr
    steps = json.loads(run("adopt", "--dry-run", "--json").stdout)["steps"]
    assert len(steps) == 13

    agreed = run("adopt", answer="y\n")
    assert agreed.exit_code == 0
    assert [line for line in agreed.stdout.splitlines() if line.startswith("adopted ")] == [
        f"adopted {step}" for step in steps
    ]
    recorded = {step["id"]: step for step in json.loads(run("status", "--json").stdout)["migrations"]}
    assert recorded["001_create_generated_content"]["applied_by"].endswith(" (adopted)")
    assert not recorded["009_create_templates"]["applied_by"].endswith(" (adopted)")
    assert run("adopt", "--yes").stdout == "nothing to adopt: documented migrations are all recorded here\n"
    assert run("migrate").exit_code == 0
    assert run("verify").exit_code == 0


def test_brackets_of_sql_are_shown(run: Run, blank_dsn: str) -> None:
    with psycopg.connect(blank_dsn, autocommit=True) as conn:
        conn.execute("alter table public.brand_profiles alter column tone_keywords set default '{[/b],[red]}'")
    look = run("adopt", "--dry-run")
    assert look.exit_code == 0
    assert "{[/b],[red]}" in look.stdout


def test_what_needs_the_operator_is_an_exit_code(run: Run, blank_dsn: str) -> None:
    with psycopg.connect(blank_dsn, autocommit=True) as conn:
        conn.execute("create table public.generation_runs (id integer)")
    look = run("adopt", "--dry-run", "--json")
    assert look.exit_code == 1
    assert json.loads(look.stdout)["blocking"] == 1
    stopped = run("adopt", "--yes")
    assert stopped.exit_code == 1
    assert 'alter table public."generation_runs" rename to' in stopped.stderr


def test_two_ways_to_find_owners(run: Run, tmp_path: Path) -> None:
    both = run("adopt", "--yes", "--user-hash-sql", "md5(user_id)", "--user-hash-map", str(tmp_path / "x"))
    assert both.exit_code == 2
    assert "exclude each other" in both.stderr
    done = run("adopt", "--yes", "--json", "--user-hash-sql", "md5(user_id)")
    assert done.exit_code == 0
    counts = {count["name"]: count["count"] for count in json.loads(done.stdout)["counts"]}
    assert (counts["owners_found"], counts["owners_unknown"]) == (4, 1)
