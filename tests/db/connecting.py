"""Connections of the database tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection

from blogai.db.database import Connection


@asynccontextmanager
async def owner(dsn: str) -> AsyncIterator[Connection]:
    """A connection in autocommit mode, for databases that have no fixture of their own for it."""
    async with await AsyncConnection[Any].connect(dsn, autocommit=True) as conn:
        yield conn


def one(dsn: str, statement: str) -> Any:
    """The first value that a statement gives."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]
