"""The library: pages, filters, search, edits with versions, favourites, delete and restore."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from blogai.content.library import MOST_OUTPUT, MOST_TITLE, Filter, Library
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database
from blogai.db.paging import longer_page
from blogai.errors import Conflict, InvalidInput, NotFound

STRANGER = Actor.user("stranger")
VISITOR = Actor.visitor("f" * 64)


@pytest.fixture
def library(database: Database) -> Library:
    return Library(database)


async def put(conn: Connection, actor: Actor = LOCAL_OWNER, **columns: Any) -> UUID:
    row = {"tool_id": "t", "inputs": "{}", "output": "text", "user_hash": actor.user_hash, **columns}
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    cursor = await conn.execute(
        f"insert into generated_content ({names}) values ({marks}) returning id",
        list(row.values()),
    )
    found = await cursor.fetchone()
    assert found is not None
    return UUID(str(found[0]))


async def test_pages_follow_each_other_without_gap_or_repeat(library: Library, owner_conn: Connection) -> None:
    same = datetime(2026, 1, 1, tzinfo=UTC)
    put_ids = {
        await put(owner_conn, created_at=same if number < 6 else same + timedelta(hours=number)) for number in range(11)
    }
    await put(owner_conn, STRANGER)
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await library.page(LOCAL_OWNER, cursor=cursor, limit=4)
        seen += [item.id for item in page.items]
        await put(owner_conn, title="added meanwhile")
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == put_ids


@pytest.mark.parametrize(
    ("limit", "found", "more"), [(1, 1, True), (100, 100, True), (204, 204, True), (205, 205, False)]
)
async def test_a_longer_page_goes_on_where_one_ends(
    library: Library, owner_conn: Connection, limit: int, found: int, more: bool
) -> None:
    await owner_conn.execute(
        "insert into generated_content (tool_id, inputs, output, user_hash)"
        " select 't', '{}', 'text', %s from generate_series(1, 205)",
        [LOCAL_OWNER.user_hash],
    )
    page = await longer_page(lambda cursor, most: library.page(LOCAL_OWNER, cursor=cursor, limit=most), limit)
    assert len({item.id for item in page.items}) == len(page.items) == found
    assert (page.next is not None) is more


async def test_filters_and_search(library: Library, owner_conn: Connection) -> None:
    bees = await put(owner_conn, title="Urban beekeeping", output="Hives on roofs.", tool_id="a", provider="p1")
    wasps = await put(owner_conn, title="Wasps", output="They like bees too.", is_favorite=True, provider="p2")
    old = await put(owner_conn, output="Nothing here", created_at=datetime(2020, 1, 1, tzinfo=UTC))
    arabic = await put(owner_conn, title="النحل في المدينة")
    await put(owner_conn, STRANGER, title="Urban beekeeping", output="bees and wasps")

    async def ids(actor: Actor = LOCAL_OWNER, **chosen: Any) -> set[UUID]:
        return {item.id for item in (await library.page(actor, Filter(**chosen))).items}

    assert await ids() == {bees, wasps, old, arabic}
    assert await ids(search="urban") == await ids(search="URBAN hive") == await ids(search="beeke") == {bees}
    assert await ids(search="bee") == await ids(search="wasps or hives") == {bees, wasps}
    assert await ids(search='"hives on roofs"') == await ids(search="hives -wasps") == {bees}
    assert await ids(search="النحل") == {arabic}
    assert await ids(search="  ") == {bees, wasps, old, arabic}
    for nothing in ("zebra", "the", "';--", "&|!():*<->\\", "'", '"'):
        assert await ids(search=nothing) == set()
    assert await ids(favorites=True) == {wasps}
    assert await ids(tool_id="a") == await ids(provider="p1") == {bees}
    assert await ids(search="bees", favorites=True, provider="p2") == {wasps}
    assert await ids(until=datetime(2021, 1, 1, tzinfo=UTC)) == {old}
    assert await ids(since=datetime(2021, 1, 1, tzinfo=UTC)) == {bees, wasps, arabic}
    assert await ids(VISITOR, search="bees") == set()


async def test_sources_are_those_of_the_caller(library: Library, owner_conn: Connection) -> None:
    assert await library.sources(LOCAL_OWNER) == []
    for tool, name, provider in [("a", "Old name", "p1"), ("a", "Name", "p1"), ("b", None, "p1"), ("a", "Name", "p2")]:
        await put(owner_conn, tool_id=tool, tool_name=name, provider=provider)
    await put(owner_conn, STRANGER, tool_id="c", provider="p3")
    found = [(one.tool_id, one.tool_name, one.provider) for one in await library.sources(LOCAL_OWNER)]
    assert found == [("a", "Name", "p1"), ("a", "Name", "p2"), ("b", None, "p1")]


@pytest.mark.parametrize(
    ("chosen", "more", "field"),
    [
        ({"search": "x" * 501}, {}, "search"),
        ({"search": "a\x00"}, {}, "search"),
        ({"tool_id": "a\x00"}, {}, "tool_id"),
        ({"since": datetime(2021, 1, 1)}, {}, "since"),
        ({}, {"limit": 0}, "limit"),
        ({}, {"limit": 101}, "limit"),
        ({}, {"cursor": "nonsense"}, "cursor"),
        ({}, {"cursor": "MjAyMC0wMS0wMQ"}, "cursor"),
        ({}, {"cursor": "é"}, "cursor"),
    ],
)
async def test_unusable_requests_are_refused(
    library: Library, chosen: dict[str, Any], more: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await library.page(LOCAL_OWNER, Filter(**chosen), **more)
    assert refusal.value.field == field


async def test_each_edit_keeps_the_text_before(library: Library, owner_conn: Connection) -> None:
    content_id = await put(owner_conn, title="One", output="first")
    before = await library.get(LOCAL_OWNER, content_id)
    edited = await library.edit(LOCAL_OWNER, content_id, output="second", expected=before.updated_at)
    assert (edited.title, edited.output) == ("One", "second")
    assert edited.updated_at > before.updated_at
    assert (await library.edit(LOCAL_OWNER, content_id, output="second")).updated_at == edited.updated_at
    await library.edit(LOCAL_OWNER, content_id, title="Two")
    await library.set_favorite(LOCAL_OWNER, content_id, True)
    versions = await library.versions(LOCAL_OWNER, content_id)
    assert [(each.version, each.title, each.output) for each in versions] == [(2, "One", "second"), (1, "One", "first")]
    assert versions[1].written_at == before.created_at
    with pytest.raises(Conflict):
        await library.edit(LOCAL_OWNER, content_id, output="third", expected=before.updated_at)
    assert (await library.page(LOCAL_OWNER, Filter(search="second two"))).items[0].id == content_id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"output": "\n"}, "output"),
        ({"title": "x" * (MOST_TITLE + 1)}, "title"),
        ({"output": "x" * (MOST_OUTPUT + 1)}, "output"),
        ({"output": "a\x00"}, "output"),
        ({"title": "\ud800"}, "title"),
    ],
)
async def test_unusable_edits_are_refused(
    library: Library, owner_conn: Connection, change: dict[str, Any], field: str
) -> None:
    content_id = await put(owner_conn)
    with pytest.raises(InvalidInput) as refusal:
        await library.edit(LOCAL_OWNER, content_id, **change)
    assert refusal.value.field == field
    assert await library.versions(LOCAL_OWNER, content_id) == []


async def test_favourites(library: Library, owner_conn: Connection) -> None:
    content_id = await put(owner_conn)
    assert await library.set_favorite(LOCAL_OWNER, content_id, True) is True
    assert await library.set_favorite(LOCAL_OWNER, content_id, True) is True
    assert (await library.get(LOCAL_OWNER, content_id)).is_favorite
    assert await library.set_favorite(LOCAL_OWNER, content_id, False) is False


async def test_what_is_deleted_comes_back_as_it_was(library: Library, owner_conn: Connection) -> None:
    created = datetime(2025, 5, 5, tzinfo=UTC)
    content_id = await put(owner_conn, title="One", output="first", created_at=created, is_favorite=True)
    await owner_conn.execute(
        "insert into generation_runs (user_id, tool_id, tool_name, operation_type, units, inputs, fingerprint,"
        " status, finished_at, content_id) values ('local', 't', 't', 'tool', 1, '{}', 'f', 'finished', now(), %s)",
        [content_id],
    )
    await library.edit(LOCAL_OWNER, content_id, output="second")
    before = await library.get(LOCAL_OWNER, content_id)
    assert before.run_id is not None
    versions = await library.versions(LOCAL_OWNER, content_id)
    expires = await library.delete(LOCAL_OWNER, content_id)
    assert expires > datetime.now(UTC) + timedelta(days=29)
    assert (await library.page(LOCAL_OWNER)).items == []
    with pytest.raises(NotFound):
        await library.get(LOCAL_OWNER, content_id)
    for actor in (STRANGER, VISITOR):
        with pytest.raises(NotFound):
            await library.restore(actor, content_id)
    assert await library.restore(LOCAL_OWNER, content_id) == before
    assert await library.versions(LOCAL_OWNER, content_id) == versions
    with pytest.raises(NotFound):
        await library.restore(LOCAL_OWNER, content_id)


async def test_what_has_expired_is_gone(library: Library, owner_conn: Connection) -> None:
    gone, kept = await put(owner_conn), await put(owner_conn)
    for content_id in (gone, kept):
        await library.delete(LOCAL_OWNER, content_id)
    await owner_conn.execute("update private.deleted_content set expires_at = now() where id = %s", [gone])
    with pytest.raises(NotFound):
        await library.restore(LOCAL_OWNER, gone)
    assert await library.purge() == 1
    assert (await library.restore(LOCAL_OWNER, kept)).id == kept


async def test_a_visitor_has_a_library_too(library: Library, owner_conn: Connection) -> None:
    content_id = await put(owner_conn, VISITOR, output="bees")
    assert (await library.page(VISITOR, Filter(search="bees"))).items[0].id == content_id
    assert (await library.edit(VISITOR, content_id, output="wasps")).output == "wasps"
    assert (await library.versions(VISITOR, content_id))[0].output == "bees"
    assert await library.set_favorite(VISITOR, content_id, True)
    await library.delete(VISITOR, content_id)
    assert (await library.restore(VISITOR, content_id)).output == "wasps"


async def test_strangers_find_nothing(library: Library, owner_conn: Connection) -> None:
    content_id = await put(owner_conn, output="bees")
    for actor in (STRANGER, VISITOR):
        for missing in (content_id, uuid4()):
            for attempt in (
                library.get(actor, missing),
                library.versions(actor, missing),
                library.edit(actor, missing, output="mine"),
                library.set_favorite(actor, missing, True),
                library.delete(actor, missing),
            ):
                with pytest.raises(NotFound):
                    await attempt
        assert (await library.page(actor)).items == []
        assert (await library.page(actor, Filter(search="bees"))).items == []
    assert (await library.get(LOCAL_OWNER, content_id)).output == "bees"


async def test_a_text_of_any_length_can_be_stored_and_its_beginning_found(
    library: Library, owner_conn: Connection
) -> None:
    words = " ".join(f"w{number:x}" for number in range(200_000))
    content_id = await put(owner_conn, title="Long", output=words)
    dense = " ".join(chr(0x20000 + number) for number in range(40_000)) * 3
    await put(owner_conn, title="Dense", output=dense)
    assert (await library.page(LOCAL_OWNER, Filter(search="wff"))).items[0].id == content_id
