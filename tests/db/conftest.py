"""What the stories about the schema share."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.db.folders import Folder

from blogai.db.database import Connection


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Three migrations, each of which makes a table."""
    made = Folder(tmp_path)
    made.table("000_first", "first")
    made.table("001_second", "second")
    made.table("002_third", "third")
    return made


@pytest.fixture
async def blank(blank_dsn: str) -> AsyncIterator[Connection]:
    """The owner on a database without any migration."""
    async with await psycopg.AsyncConnection[Any].connect(blank_dsn, autocommit=True) as conn:
        yield conn
