"""Reading the folder of migrations: what is refused before the database is touched."""

from hashlib import sha256

import pytest
from tests.db.folders import Folder

from blogai.db.scripts import MIGRATIONS, load
from blogai.errors import MigrationError


def test_migrations_come_in_the_order_of_their_numbers(folder: Folder) -> None:
    found = load(folder.path)
    assert [migration.id for migration in found] == ["000_first", "001_second", "002_third"]
    assert [migration.number for migration in found] == [0, 1, 2]
    assert found[1].sha256 == sha256(b"create table second (id integer primary key);\n").hexdigest()


def test_line_ends_do_not_change_the_checksum(folder: Folder) -> None:
    before = load(folder.path)[0].sha256
    (folder.path / "000_first.sql").write_bytes(b"create table first (id integer primary key);\r\n")
    assert load(folder.path)[0].sha256 == before


def test_duplicate_number(folder: Folder) -> None:
    folder.table("001_again", "again")
    with pytest.raises(MigrationError, match=r"001_again\.sql and 001_second\.sql have the same number"):
        load(folder.path)


@pytest.mark.parametrize("kind", ["", ".down", ".verify"])
def test_missing_script(folder: Folder, kind: str) -> None:
    folder.remove(f"001_second{kind}.sql")
    with pytest.raises(MigrationError, match=rf"001_second{kind}\.sql is missing"):
        load(folder.path)


def test_empty_script(folder: Folder) -> None:
    folder.write("001_second.verify.sql", "-- nothing to see\n/* here */\n")
    with pytest.raises(MigrationError, match=r"001_second\.verify\.sql is empty"):
        load(folder.path)


@pytest.mark.parametrize("statement", ["commit;", "BEGIN;", "start transaction;", "Rollback work;"])
def test_transaction_control(folder: Folder, statement: str) -> None:
    folder.write("001_second.sql", f"create table second (id integer);\n{statement}\n")
    with pytest.raises(MigrationError, match=r"001_second\.sql contains"):
        load(folder.path)


def test_plpgsql_blocks_are_no_transaction_control(folder: Folder) -> None:
    folder.write("001_second.sql", "do $$\nbegin\n  perform 1;\nend;\n$$;\n")
    assert len(load(folder.path)) == 3


@pytest.mark.parametrize("name", ["3_short.sql", "003_Upper.sql", "notes.sql", "003-dash.sql", "003_x.up.sql"])
def test_stray_file(folder: Folder, name: str) -> None:
    folder.write(name, "select 1;")
    with pytest.raises(MigrationError, match="is not the name of a migration"):
        load(folder.path)


def test_not_utf8(folder: Folder) -> None:
    (folder.path / "000_first.sql").write_bytes(b"-- caf\xe9\nselect 1;")
    with pytest.raises(MigrationError, match=r"000_first\.sql is not UTF-8"):
        load(folder.path)


def test_what_we_ship_is_well_formed() -> None:
    assert load(MIGRATIONS)[0].id == "000_prepare_server"
