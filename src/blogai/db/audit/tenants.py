"""The two tenants of an audit, those who try, and the switch between them and the owner."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from blogai.db.database import Actor, Connection


@dataclass(frozen=True)
class Tenant:
    """Somebody with an id and a hash; `mark` is part of every text that belongs to him."""

    mark: str
    user_id: str
    user_hash: str

    @classmethod
    def new(cls, mark: str) -> "Tenant":
        user_id = str(uuid4())  # policies that cast the subject need a UUID
        return cls(f"audit-{mark}-{uuid4().hex[:8]}", user_id, sha256(user_id.encode()).hexdigest())

    def owns_as(self, column: str) -> str:
        """What an owner column holds for this tenant."""
        return self.user_hash if "hash" in column else self.user_id

    def claims(self) -> dict[str, str]:
        return {"sub": self.user_id, "user_hash": self.user_hash}


@dataclass(frozen=True)
class Attacker:
    """How somebody comes to the database."""

    name: str
    actor: Actor
    known: bool
    """Whether the claims say who it is: then own rows must be usable."""


def attackers(tenant: Tenant) -> list[Attacker]:
    """Without claims, and with those of a tenant in either role."""
    return [
        Attacker("anon", Actor(role="anon"), False),
        Attacker("anon with claims", Actor(role="anon", claims=tenant.claims()), True),
        Attacker("authenticated", Actor(role="authenticated", claims=tenant.claims()), True),
    ]


@asynccontextmanager
async def attempt(conn: Connection, attacker: Attacker) -> AsyncIterator[None]:
    """What happens within is done as the attacker and undone afterwards, the role included.

    The caller handles errors within; an error that leaves is raised again after the roll-back.
    """
    async with conn.transaction(force_rollback=True):
        await become(conn, attacker)
        yield


async def become(conn: Connection, attacker: Attacker) -> None:
    """Takes on role and claims until the end of the innermost transaction block."""
    await conn.execute(
        "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)",
        [json.dumps(attacker.actor.claims), attacker.actor.role],
    )


async def step_back(conn: Connection) -> None:
    """The owner again, in the same transaction block: sees what the attacker did."""
    await conn.execute("select set_config('role', 'none', true)")
