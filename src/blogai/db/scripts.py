"""The folder of migrations: three SQL files each, read and checked before the database is touched."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from blogai.errors import MigrationError

MIGRATIONS = Path(__file__).parent / "migrations"

_NAME = re.compile(r"(?P<id>(?P<number>\d{3})_[a-z0-9][a-z0-9_]*)(?P<kind>|\.down|\.verify)\.sql")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TRANSACTION_CONTROL = re.compile(
    r"^\s*(begin|start\s+transaction|commit|rollback|abort)(\s+(work|transaction))?\s*;", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One step of the schema: how to take it, undo it and see that it was taken."""

    number: int
    id: str
    """File name without its ending: `013_own_rows`."""
    up: str
    down: str
    verify: str
    sha256: str
    """Hex SHA-256 of the up script with Unix line ends; what an applied file may never change."""


def number_of(migration_id: str) -> int:
    """The number at the head of an id: 13 for `013_own_rows`."""
    return int(migration_id.partition("_")[0])


def load(folder: Path = MIGRATIONS) -> list[Migration]:
    """The migrations of a folder in the order of their numbers.

    The checksum covers the up script alone: a down or verify script may be corrected later.

    Raises:
        MigrationError: a stray file, a duplicate number, a missing or empty script, or a script that
            opens or ends a transaction by itself. The message names the file.
    """
    return list(_shipped()) if folder == MIGRATIONS else _load(folder)


@cache
def _shipped() -> tuple[Migration, ...]:
    """Those of the package, read once: /health asks for them again and again."""
    return tuple(_load(MIGRATIONS))


def _load(folder: Path) -> list[Migration]:
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationError(
                f"{path.name} is not the name of a migration.",
                remedy="Name it NNN_name.sql, NNN_name.down.sql or NNN_name.verify.sql, in lower case.",
            )
        texts.setdefault(match["id"], {})[match["kind"]] = _read(path)
    found: dict[int, Migration] = {}
    for migration_id, kinds in texts.items():
        migration = _migration(migration_id, kinds)
        if other := found.get(migration.number):
            raise MigrationError(
                f"{other.id}.sql and {migration.id}.sql have the same number.",
                remedy="Give the newer one the next free number.",
            )
        found[migration.number] = migration
    return [found[number] for number in sorted(found)]


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise MigrationError(f"{path.name} is not UTF-8.", remedy="Save it as UTF-8.") from exc
    bare = _COMMENTS.sub("", text)
    if not bare.strip():
        raise MigrationError(f"{path.name} is empty.", remedy="Write the statements, or remove the migration.")
    if match := _TRANSACTION_CONTROL.search(bare):
        raise MigrationError(
            f"{path.name} contains {' '.join(match[0].split())}",
            remedy="Leave transactions to the runner: a migration and its verify script share one.",
        )
    return text


def _migration(migration_id: str, kinds: dict[str, str]) -> Migration:
    for kind in ("", ".down", ".verify"):
        if kind not in kinds:
            raise MigrationError(
                f"{migration_id}{kind}.sql is missing.",
                remedy="Every migration needs its script, a .down.sql that undoes it and a .verify.sql that checks it.",
            )
    return Migration(
        number=number_of(migration_id),
        id=migration_id,
        up=kinds[""],
        down=kinds[".down"],
        verify=kinds[".verify"],
        sha256=sha256(kinds[""].encode()).hexdigest(),
    )
