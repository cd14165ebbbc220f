"""Conversations: they have an owner, messages are appended atomically, old ones are the program's."""

import asyncio
import json
from typing import Any

import pytest
from tests.db.tenants import ANN, BOB, PROGRAM, STRANGERS, TENANTS, VISITOR, changed, rows, value

from blogai.db.database import Actor, Connection, Database
from blogai.db.migrate import migrate, rollback
from blogai.errors import Conflict, Forbidden

APPEND = "select messages, user_hash from add_conversation_message(p_id => %s, p_message => %s)"
UPSERT = "select messages, metadata, user_hash from upsert_conversation(p_id => %s, p_messages => %s, p_metadata => %s)"


def message(text: str) -> str:
    return json.dumps({"role": "user", "content": text})


async def append(database: Database, actor: Actor, conversation: str, text: str) -> list[str]:
    found: Any = await value(database, actor, APPEND, conversation, message(text))
    return [entry["content"] for entry in found]


@pytest.mark.parametrize("actor", [ANN, VISITOR])
async def test_a_tenant_talks_in_own_conversations(database: Database, actor: Actor) -> None:
    assert await append(database, actor, "c-1", "one") == ["one"]
    assert await append(database, actor, "c-1", "two") == ["one", "two"]
    assert await rows(database, actor, UPSERT, "c-1", "[]", '{"a": 1}') == [([], {"a": 1}, actor.user_hash)]
    assert await rows(database, actor, UPSERT, "c-1", '["x"]', None) == [(["x"], {"a": 1}, actor.user_hash)]
    assert await rows(database, actor, UPSERT, "c-2", "[]", None) == [([], None, actor.user_hash)]
    assert await rows(database, actor, "select id from conversations order by id") == [("c-1",), ("c-2",)]
    assert await changed(database, actor, "update conversations set metadata = '{}'") == 2
    assert await changed(database, actor, "delete from conversations") == 2


async def test_a_tenant_meets_nobody_elses_conversations(database: Database) -> None:
    for number, tenant in enumerate(TENANTS):
        await append(database, tenant, f"c-{number}", "mine")
    for number, tenant in enumerate(TENANTS):
        assert await rows(database, tenant, "select id from conversations") == [(f"c-{number}",)]
        other = f"c-{(number + 1) % len(TENANTS)}"
        for statement, parameters in ((APPEND, [other, message("x")]), (UPSERT, [other, "[]", None])):
            with pytest.raises(Conflict, match="taken") as refused:
                await rows(database, tenant, statement, *parameters)
            assert refused.value.remedy
        assert await changed(database, tenant, "update conversations set messages = '[]' where id = %s", other) == 0
        assert await changed(database, tenant, "delete from conversations where id = %s", other) == 0
    assert await value(database, PROGRAM, "select count(*) from conversations where messages <> '[]'") == len(TENANTS)


async def test_a_conversation_is_neither_planted_nor_handed_over(database: Database) -> None:
    await append(database, ANN, "c-1", "mine")
    with pytest.raises(Forbidden):
        await changed(database, VISITOR, "insert into conversations (id, user_hash) values ('c-2', %s)", ANN.user_hash)
    with pytest.raises(Forbidden):
        await changed(database, VISITOR, "insert into conversations (id) values ('c-2')")
    for change in ("user_hash = 'v-1'", "id = 'c-3'", "created_at = now()"):
        with pytest.raises(Forbidden):
            await changed(database, ANN, f"update conversations set {change}")


async def test_strangers_have_no_conversations(database: Database) -> None:
    await append(database, ANN, "c-1", "mine")
    for stranger in STRANGERS:
        assert await rows(database, stranger, "select id from conversations") == []
        assert await changed(database, stranger, "delete from conversations") == 0
        for statement, parameters in ((APPEND, ["c-9", message("x")]), (UPSERT, ["c-9", "[]", None])):
            with pytest.raises(Forbidden):
                await rows(database, stranger, statement, *parameters)


async def test_the_program_keeps_the_owner(database: Database) -> None:
    await append(database, ANN, "c-1", "one")
    assert await rows(database, PROGRAM, APPEND, "c-1", message("two")) == [
        ([json.loads(message("one")), json.loads(message("two"))], ANN.user_hash)
    ]
    assert await rows(database, PROGRAM, UPSERT, "c-1", "[]", None) == [([], None, ANN.user_hash)]
    assert await rows(database, PROGRAM, UPSERT, "c-2", "[]", None) == [([], None, None)]
    assert await rows(database, ANN, "select id from conversations") == [("c-1",)]


async def test_no_message_is_lost_when_many_write_at_once(database: Database) -> None:
    texts = [f"m-{number}" for number in range(40)]
    await asyncio.gather(*(append(database, ANN, "c-1", text) for text in texts))
    found = await value(database, ANN, "select messages from conversations")
    assert sorted(entry["content"] for entry in found) == sorted(texts)


async def test_two_who_start_the_same_id_at_once_do_not_share_it(database: Database) -> None:
    for number in range(10):
        results = await asyncio.gather(
            *(append(database, actor, f"c-{number}", actor.user_hash or "") for actor in (ANN, BOB)),
            return_exceptions=True,
        )
        assert [type(result) for result in results].count(Conflict) == 1
        assert await value(
            database,
            PROGRAM,
            "select messages -> 0 ->> 'content' = user_hash from conversations where id = %s",
            f"c-{number}",
        )


async def test_conversations_kept_before_are_the_programs(
    owner_dsn: str, owner_conn: Connection, database: Database
) -> None:
    await rollback(owner_dsn, 20)
    await owner_conn.execute("insert into public.conversations (id, messages) values ('old', '[1]')")
    await migrate(owner_dsn)
    for actor in (*TENANTS, *STRANGERS):
        assert await rows(database, actor, "select id from conversations") == []
    with pytest.raises(Conflict):
        await append(database, ANN, "old", "mine")
    assert await rows(database, PROGRAM, "select id, messages, user_hash from conversations") == [("old", [1], None)]
