"""The library over HTTP: found, edited, marked, deleted, brought back."""

from typing import Any

import httpx
import pytest

from blogai.db.database import Actor, Database


async def add(database: Database, title: str, output: str, actor: Actor | None = None) -> str:
    async with database.transaction(actor or Actor.user("local")) as conn:
        cursor = await conn.execute(
            "insert into generated_content (tool_id, tool_name, inputs, output, title, provider, user_hash)"
            " values ('blog-post-generator', 'Blog post', '{}', %s, %s, 'scripted', private.caller_hash())"
            " returning id::text",
            [output, title],
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/api/v1/content", params=params)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


async def test_list_search_and_pages(client: httpx.AsyncClient, database: Database) -> None:
    for number in range(5):
        await add(database, f"Post {number}", "About bees on the roof." if number % 2 else "About trains.")
    assert await listed(client) == [f"Post {number}" for number in (4, 3, 2, 1, 0)]
    assert await listed(client, q="bees") == ["Post 3", "Post 1"]
    assert await listed(client, q="nothing") == []
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (
            await client.get("/api/v1/content", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"Post {number}" for number in (4, 3, 2, 1, 0)]


async def test_favourites_edit_versions(client: httpx.AsyncClient, database: Database) -> None:
    first, _ = await add(database, "One", "Text one."), await add(database, "Two", "Text two.")
    where = f"/api/v1/content/{first}"
    assert (await client.put(f"{where}/favorite", json={"is_favorite": True})).json() == {"is_favorite": True}
    assert await listed(client, favorite=True) == ["One"]
    edited = (await client.patch(where, json={"output": "Better text."})).json()
    assert (edited["title"], edited["output"]) == ("One", "Better text.")
    versions = (await client.get(f"{where}/versions")).json()
    assert [version["output"] for version in versions] == ["Text one."]
    stale = await client.patch(where, json={"output": "x", "expected": "2020-01-01T00:00:00Z"})
    assert stale.status_code == 409
    assert (await client.patch(where, json={"output": "  "})).status_code == 422
    assert (await client.patch(where, json={"text": "x"})).json()["field"] == "text"


async def test_delete_and_restore(client: httpx.AsyncClient, database: Database) -> None:
    where = f"/api/v1/content/{await add(database, 'One', 'Text.')}"
    assert (await client.delete(where)).status_code == 200
    assert (await client.get(where)).status_code == 404
    assert await listed(client) == []
    assert (await client.post(f"{where}/restore")).json()["title"] == "One"
    assert await listed(client) == ["One"]
    assert (await client.post(f"{where}/restore")).status_code == 404


async def test_a_stranger_s_text_is_out_of_reach(client: httpx.AsyncClient, database: Database) -> None:
    theirs = await add(database, "Secret", "Theirs.", Actor.user("somebody-else"))
    where = f"/api/v1/content/{theirs}"
    assert await listed(client) == []
    assert await listed(client, q="theirs") == []
    for answer in (
        await client.get(where),
        await client.patch(where, json={"title": "Mine"}),
        await client.put(f"{where}/favorite", json={"is_favorite": True}),
        await client.delete(where),
        await client.post(f"{where}/restore"),
        await client.get(f"{where}/versions"),
    ):
        assert answer.status_code == 404, answer.request


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1000}, "limit"),
        ({"cursor": "not-a-cursor"}, "cursor"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"q": "x" * 501}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"tool": "\x00"}, "tool"),
        ({"provider": "\x00"}, "provider"),
    ],
)
async def test_bad_filters(client: httpx.AsyncClient, params: dict[str, Any], field: str) -> None:
    answer = await client.get("/api/v1/content", params=params)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
