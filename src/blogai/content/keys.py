"""Idempotency keys: what a key stands for, and the run that it has been given."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from blogai.content import queries
from blogai.content.models import Run
from blogai.content.operation import Operation
from blogai.content.text import storable_json
from blogai.db.database import Connection
from blogai.errors import Conflict, InvalidInput


def check(key: str | None) -> None:
    """Raises InvalidInput for a key that cannot be used."""
    if key is not None and not (1 <= len(key) <= 200 and key.isprintable()):
        raise InvalidInput(
            "The idempotency key must be 1 to 200 printable characters.",
            field="idempotency_key",
            remedy="Use a random UUID.",
        )


def fingerprint(operation: Operation, provider: str | None, asked: Mapping[str, Any]) -> str:
    """What a key stands for: the kind of operation, its provider and what was asked for."""
    parts = (operation.tool_id, operation.operation_type, str(operation.units), provider or "", storable_json(asked))
    return sha256("\n".join(parts).encode()).hexdigest()


async def run_of(conn: Connection, key: str, expected: str) -> Run | None:
    """The caller's run of a key; None when it has none, or none that has not failed.

    Raises:
        Conflict: it stands for another request.
    """
    found = await queries.run_of_key(conn, key)
    run = await queries.get_run(conn, found[0]) if found else None
    if found is None or run is None:
        return None
    if found[1] != expected:
        raise Conflict(
            "That idempotency key stands for another request.",
            remedy="Use a new key for a new request.",
            field="idempotency_key",
            run_id=str(run.id),
        )
    return run
