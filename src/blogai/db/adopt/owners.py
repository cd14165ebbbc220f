"""Whose the old content is: the hash under which an earlier program kept a user's rows, and ours."""

import csv
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from blogai.db.adopt import notes
from blogai.db.adopt.report import Count
from blogai.db.adopt.shape import Shape
from blogai.db.database import Connection
from blogai.errors import InvalidInput

TABLES = ("generated_content", "brand_profiles", "templates")
"""What the document gives a user_hash."""

_USERS = (
    "users", "user_quotas", "usage_records", "stripe_customers", "stripe_subscriptions", "payments",
    "payment_failures", "batch_jobs", "remix_history", "generated_images",
)  # fmt: skip


_WITHOUT_TEXTS = "to_jsonb(t) - '{output,inputs,example_content,preset_inputs,messages,metadata}'::text[]"
"""What is noted of a row whose owner alone changes: the long columns stay as they are."""


_MADE_MEANWHILE = {
    "idx_brand_profiles_default": (
        "brand_profiles",
        "is_default = false",
        "t.is_default and n.is_default and (n.user_hash = o.new_hash or (n.updated_at, n.id) > (t.updated_at, t.id))",
    ),
    "idx_brand_profiles_owner_slug": (
        "brand_profiles",
        "slug = t.slug || '-' || left(t.id::text, 8)",
        "n.slug = t.slug and (n.user_hash = o.new_hash or (n.created_at, n.id) < (t.created_at, t.id))",
    ),
    "idx_templates_owner_slug": (
        "templates",
        "slug = t.slug || '-' || left(t.id::text, 8)",
        "n.slug = t.slug and (n.user_hash = o.new_hash or (n.created_at, n.id) < (t.created_at, t.id))",
    ),
}
"""Our unique indexes by owner: table, how an old row gives way, and to which other one `n` of its owner's."""


@dataclass(frozen=True, kw_only=True)
class Owners:
    """How the old hash follows from the user id: an SQL expression over `user_id`, or pairs (old hash, user id)."""

    expression: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()


def from_file(path: Path) -> Owners:
    """Reads a map: a JSON object from hash to user id, or CSV with the columns user_hash and user_id.

    Raises:
        InvalidInput: the file cannot be read, or gives one hash to two users.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        pairs = list(_json(text)) if text.lstrip().startswith("{") else list(_csv(text))
    except (OSError, ValueError, KeyError) as exc:
        raise InvalidInput(
            f"The map {path.name} cannot be read: {exc}.",
            field="user_hash_map",
            remedy="Write a JSON object from hash to user id, or CSV with the columns user_hash and user_id.",
        ) from exc
    users: dict[str, str] = {}
    for old, user in pairs:
        if users.setdefault(old, user) != user:
            raise InvalidInput(
                f"The map {path.name} gives the hash {old} to two users.",
                field="user_hash_map",
                remedy="Keep the line of the one whose content it is.",
            )
    return Owners(pairs=tuple(users.items()))


def _json(text: str) -> Iterator[tuple[str, str]]:
    for old, user in json.loads(text).items():
        if not isinstance(user, str):
            raise ValueError(f"the value of {old} is no text")
        yield old, user


def _csv(text: str) -> Iterator[tuple[str, str]]:
    reader = csv.DictReader(text.splitlines())
    if not {"user_hash", "user_id"} <= set(reader.fieldnames or ()):
        raise ValueError("the columns user_hash and user_id are not there")
    for row in reader:
        if row["user_hash"] and row["user_id"]:
            yield row["user_hash"], row["user_id"]


@asynccontextmanager
async def mapped(conn: Connection, owners: Owners, live: Shape) -> AsyncIterator[None]:
    """Fills the temporary table `adopted_owners` (old_hash, user_id, new_hash) in the caller's transaction.

    Raises:
        InvalidInput: the expression does not work, or gives two users the same hash.
    """
    await conn.execute(
        "create temporary table adopted_owners (old_hash text, user_id text, new_hash text) on commit drop"
    )
    if owners.expression is None:
        async with conn.cursor() as cursor:
            await cursor.executemany("insert into adopted_owners values (%s, %s)", list(owners.pairs))
    else:
        users = " union ".join(
            f"select user_id::text from public.{table}" for table in _USERS if ("column", table, "user_id") in live
        )
        try:
            async with conn.transaction():
                # with a parameter, so that it can be one expression only
                await conn.execute(
                    f"insert into adopted_owners select ({owners.expression.replace('%', '%%')})::text, user_id"
                    f" from ({users}) as u (user_id) where user_id is not null and %s",
                    [True],
                )
        except psycopg.Error as exc:
            raise InvalidInput(
                f"The expression of the hash does not work: {exc.diag.message_primary or exc}.",
                field="user_hash_sql",
                remedy="Write SQL over user_id, such as encode(sha256(convert_to(user_id, 'UTF8')), 'hex').",
            ) from exc
    await conn.execute("update adopted_owners set new_hash = encode(sha256(convert_to(user_id, 'UTF8')), 'hex')")
    cursor = await conn.execute(
        "select old_hash, count(*) from adopted_owners group by old_hash having count(*) > 1 order by 1 limit 1"
    )
    if row := await cursor.fetchone():
        raise InvalidInput(
            f"The hash {row[0]} belongs to {row[1]} users.",
            field="user_hash_sql",
            remedy="Give each user a hash of his own, or leave these out with a map.",
        )
    await conn.execute("create unique index on adopted_owners (old_hash)")
    await conn.execute("create index on adopted_owners (new_hash)")
    yield
    await conn.execute("drop table adopted_owners")


async def count(conn: Connection, live: Shape) -> list[Count]:
    """How many rows find their owner and how many match nobody, inside `mapped`."""
    matched, unmatched = 0, 0
    examples: list[str] = []
    for table in _tables(live):
        cursor = await conn.execute(
            sql.SQL(
                "select count(*) filter (where o.old_hash is not null and o.new_hash <> t.user_hash),"
                " count(*) filter (where o.old_hash is null and not exists"
                " (select from adopted_owners as n where n.new_hash = t.user_hash)),"
                " (array_agg(distinct t.user_hash) filter (where o.old_hash is null and not exists"
                " (select from adopted_owners as n where n.new_hash = t.user_hash)))[1:5]"
                " from public.{} as t left join adopted_owners as o on o.old_hash = t.user_hash"
                " where t.user_hash is not null"
            ).format(sql.Identifier(table))
        )
        row = await cursor.fetchone()
        assert row is not None
        matched, unmatched = matched + row[0], unmatched + row[1]
        examples += row[2] or []
    clash = Count(
        name="owners_clash",
        count=await _give_way(conn, live, look=True),
        what="of these with a slug that their owner uses here, or as a default beside another: they give way",
        by="adopt",
    )
    return [
        Count(name="owners_found", count=matched, what="rows get the hash that their owner has here", by="adopt"),
        *([clash] if clash.count else []),
        Count(
            name="owners_unknown",
            count=unmatched,
            what="rows whose hash matches no user: they stay as they are",
            by="kept",
            examples=examples[:10],
        ),
    ]


async def carry(conn: Connection, live: Shape) -> int:
    """Gives the rows their new hash, inside `mapped`; how many. `updated_at` stays as it is."""
    await _give_way(conn, live)
    changed = 0
    for table in _tables(live):
        condition = "t.user_hash in (select o.old_hash from adopted_owners as o where o.new_hash <> o.old_hash)"
        await notes.keep(conn, table, condition, "another hash", _WITHOUT_TEXTS)
        async with notes.quiet(conn, table):
            cursor = await conn.execute(
                sql.SQL(
                    "update public.{} as t set user_hash = o.new_hash from adopted_owners as o"
                    " where o.old_hash = t.user_hash and o.new_hash <> o.old_hash"
                ).format(sql.Identifier(table))
            )
        changed += cursor.rowcount
    return changed


async def _give_way(conn: Connection, live: Shape, *, look: bool = False) -> int:
    """Where the owner has made something here meanwhile that an old row cannot stand beside; how often."""
    number = 0
    for index, (table, change, clash) in _MADE_MEANWHILE.items():
        if ("index", table, index) not in live:
            continue
        condition = (
            f"exists (select from adopted_owners as o, public.{table} as n"
            " left join adopted_owners as m on m.old_hash = n.user_hash"
            " where o.old_hash = t.user_hash and o.new_hash <> o.old_hash and n.id <> t.id"
            f" and coalesce(m.new_hash, n.user_hash) = o.new_hash and {clash})"
        )
        if look:
            cursor = await conn.execute(f"select count(*) from public.{table} as t where {condition}".encode())
            number += (await cursor.fetchone() or (0,))[0]
            continue
        await notes.keep(conn, table, condition, f"another one of its owner in {index}")
        async with notes.quiet(conn, table):
            cursor = await conn.execute(f"update public.{table} as t set {change} where {condition}".encode())
        number += cursor.rowcount
    return number


def _tables(live: Shape) -> list[str]:
    known = (*TABLES, "conversations", "content_versions")
    return [table for table in known if ("column", table, "user_hash") in live]
