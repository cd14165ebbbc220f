"""schema.sql: the same on every run, complete, and loadable."""

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from tests.db.connecting import owner

from blogai.db.catalog import differences, picture
from blogai.db.dump import check, dump, tidy
from blogai.db.server_binaries import Binaries
from blogai.errors import Conflict


def test_tidy_drops_what_changes_from_run_to_run() -> None:
    raw = """--
-- PostgreSQL database dump
--

\\restrict 3jd9fK

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET row_security = off;

--
-- Name: private; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA private;


--
-- PostgreSQL database dump complete
--

\\unrestrict 3jd9fK
"""
    assert tidy(raw) == (
        "-- The schema after all migrations, written by `make schema`. Do not edit: write a migration.\n\n"
        "SET row_security = off;\n\n"
        "-- Name: private; Type: SCHEMA; Schema: -; Owner: -\n\n"
        "CREATE SCHEMA private;\n"
    )


def test_drift_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "schema.sql"
    with pytest.raises(Conflict, match=r"schema\.sql is not what the migrations make"):
        check("create table a ();\n", path)
    path.write_text("create table a ();\n")
    check("create table a ();\n", path)
    with pytest.raises(Conflict) as caught:
        check("create table b ();\n", path)
    assert "+create table b ();" in caught.value.details["difference"]
    assert "make schema" in str(caught.value)


async def test_the_file_is_current_and_loading_it_gives_what_the_migrations_give(
    server_name: str, owner_dsn: str, blank_dsn: str
) -> None:
    if server_name != "embedded":
        return  # the dump is in the words of version 18
    text = await dump()
    check(text)
    assert "queue" not in {line.split(" ")[2].strip(";") for line in text.splitlines() if "CREATE SCHEMA" in line}
    assert "Dumped" not in text
    assert "\\restrict" not in text
    psql = Binaries.shipped().program("psql")
    loading = await asyncio.create_subprocess_exec(
        psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", blank_dsn, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    _, errors = await loading.communicate(text.encode())
    assert loading.returncode == 0, errors.decode()
    async with owner(owner_dsn) as migrated, owner(blank_dsn) as loaded:
        left = differences(await picture(migrated), await picture(loaded))
    assert [line for line in left if "queue" not in line] == []
