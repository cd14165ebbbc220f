"""Small folders of migrations for the tests of the runner."""

from pathlib import Path

VERIFY_NOTHING = "select 1;"


class Folder:
    """A folder of migrations that a test writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, migration_id: str, up: str, down: str, verify: str = VERIFY_NOTHING) -> None:
        for kind, text in (("", up), (".down", down), (".verify", verify)):
            self.write(f"{migration_id}{kind}.sql", text)

    def table(self, migration_id: str, table: str) -> None:
        """A migration that makes one table."""
        self.add(
            migration_id,
            f"create table {table} (id integer primary key);\n",
            f"drop table {table};\n",
            f"select id from {table};\n",
        )

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def remove(self, name: str) -> None:
        (self.path / name).unlink()
