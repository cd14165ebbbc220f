"""Brand voices over HTTP: the whole way from an empty list to a scored text, and every refusal a problem document."""

import json
from typing import Any

import httpx
import pytest
from tests.brand.voice.test_language import prose
from tests.support.voices import chatty, put_on_tier, stiff

from blogai import queue
from blogai.brand import jobs
from blogai.brand.models import NewProfile
from blogai.brand.service import Profiles
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database

NOBODY = "11111111-1111-4111-8111-111111111111"

VOICES = "/api/v1/voices"


async def add(client: httpx.AsyncClient, slug: str, content: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"{VOICES}/{slug}/samples", json={"content": content, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_from_nothing_to_a_score(client: httpx.AsyncClient, database: Database) -> None:
    assert (await client.get(VOICES)).json() == {"items": [], "next": None}
    made = await client.post(VOICES, json={"name": "Acme blog", "avoid_words": ["leverage"], "is_default": True})
    assert made.status_code == 201
    assert made.headers["location"] == f"{VOICES}/{made.json()['id']}"
    assert made.json()["slug"] == "acme-blog"
    where = f"{VOICES}/acme-blog"

    for seed in range(3):
        await add(client, "acme-blog", chatty(seed), title=f"Post {seed}", primary=seed == 1)
    upload = await client.post(
        f"{where}/samples/files", files={"file": ("note.md", chatty(3).encode())}, data={"content_type": "blog"}
    )
    assert (upload.status_code, upload.json()["content_type"]) == (201, "blog")
    (outcome,) = (await client.post(f"{where}/samples/urls", json={"urls": ["http://127.0.0.1:9/"]})).json()
    assert (outcome["sample"], outcome["problem"]["field"]) == (None, "url")

    begun = await client.post(f"{where}/training")
    assert (begun.status_code, begun.json()["status"]) == (202, "analyzing")
    await queue.work(database.conninfo, [jobs.tasks], context={"database": database}, wait=False)
    state = (await client.get(f"{where}/training")).json()
    assert (state["status"], state["progress"], state["needs_training"]) == ("trained", 1.0, None)
    found = (await client.get(f"{where}/fingerprint")).json()
    assert found["sample_count"] == 4
    assert set(found["tone_distribution"]) >= {"professional", "friendly", "casual"}

    high = (await client.post(f"{where}/scores", json={"text": chatty(70)})).json()
    low = (await client.post(f"{where}/scores", json={"text": stiff(70) + " We leverage it.", "keep": False})).json()
    assert high["overall"] > 0.8 > 0.2 > low["overall"]
    assert (low["id"], low["voice"]) == (None, "acme-blog")
    assert low["rules"]["avoided"][0]["found"] == "leverage"
    assert {"text", "start", "end", "fit", "reasons"} <= set(low["sentences"][0])
    assert low["deviations"][0]["suggestion"]
    kept = (await client.get(f"{where}/scores")).json()["items"]
    assert [item["id"] for item in kept] == [high["id"]]


async def test_edit_default_samples_delete(client: httpx.AsyncClient) -> None:
    first = (await client.post(VOICES, json={"name": "One", "is_default": True})).json()
    second = (await client.post(VOICES, json={"name": "Two"})).json()
    assert (await client.put(f"{VOICES}/two/default")).json()["is_default"] is True
    assert (await client.get(f"{VOICES}/{first['id']}")).json()["is_default"] is False
    edited = await client.patch(f"{VOICES}/one", json={"name": "Uno", "industry": "Bees"})
    assert (edited.json()["name"], edited.json()["industry"], edited.json()["slug"]) == ("Uno", "Bees", "one")
    page = (await client.get(VOICES, params={"limit": 1})).json()
    assert [item["id"] for item in page["items"]] == [second["id"]]
    page = (await client.get(VOICES, params={"limit": 1, "cursor": page["next"]})).json()
    assert ([item["id"] for item in page["items"]], page["next"]) == ([first["id"]], None)
    page = (await client.get(VOICES, params={"search": "uN"})).json()
    assert ([item["name"] for item in page["items"]], page["next"]) == (["Uno"], None)

    sample = await add(client, "one", chatty(1))
    place = f"{VOICES}/one/samples/{sample['id']}"
    assert (await client.get(place)).json()["content"] == chatty(1)
    assert (await client.patch(place, json={"is_primary_example": True})).json()["is_primary_example"] is True
    assert len((await client.get(f"{VOICES}/one/samples")).json()["items"]) == 1
    assert (await client.delete(place)).status_code == 204
    assert (await client.delete(place)).status_code == 404
    assert (await client.delete(f"{VOICES}/one")).status_code == 204
    assert (await client.get(f"{VOICES}/one")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("POST", "", {"name": ""}, 422, "name"),
        ("POST", "", {"name": "A", "slug": "one"}, 409, "slug"),
        ("POST", "", {"nam": "A"}, 422, None),
        ("PATCH", "/one", {"writing_style": "angry"}, 422, "writing_style"),
        ("POST", "/one/samples", {"content": "short"}, 422, "content"),
        ("POST", "/one/samples", {"text": "x"}, 422, None),
        ("POST", "/one/samples/urls", {"urls": []}, 422, "urls"),
        ("POST", "/one/training", None, 422, "samples"),
        ("POST", "/one/scores", {"text": "word " * 50}, 409, "voice"),
        ("GET", "/one/fingerprint", None, 409, "voice"),
        ("GET", "?cursor=nonsense", None, 422, "cursor"),
        ("GET", "?search=%00", None, 422, "search"),
        ("GET", f"?search={'x' * 501}", None, 422, "search"),
        ("GET", "/nobody", None, 404, None),
        ("GET", "/%00", None, 404, None),
        ("POST", "/one%00/scores", {"text": "word " * 50}, 404, None),
        ("GET", "/one/scores?content=%00", None, 422, "content"),
        ("POST", "/one/samples/urls", {"urls": ["http://a\ud800/"]}, 422, "urls"),
        ("POST", "", {"name": "A", "preferred_words": ["don't"], "avoid_words": ["Don’t"]}, 422, "avoid_words"),
        ("POST", "", {"name": "A", "preferred_words": ["best of"], "avoid_words": ["best  of"]}, 422, "avoid_words"),
        ("POST", "/nobody/training", None, 404, None),
        ("GET", "/one/samples/no-uuid", None, 422, "sample_id"),
        ("DELETE", f"/one/samples/{NOBODY}", None, 404, None),
    ],
)
async def test_refusals_are_problem_documents(
    client: httpx.AsyncClient, method: str, path: str, body: Any, status: int, field: str | None
) -> None:
    await client.post(VOICES, json={"name": "One"})
    content, kind = (json.dumps(body), "application/json") if body is not None else (None, "")
    answer = await client.request(method, VOICES + path, content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    if field is not None:
        assert problem["field"] == field
        assert problem["remedy"]


async def test_a_text_with_half_a_character_is_not_scored(client: httpx.AsyncClient, database: Database) -> None:
    await client.post(VOICES, json={"name": "One"})
    for seed in range(2):
        await add(client, "one", chatty(seed))
    await client.post(f"{VOICES}/one/training")
    await queue.work(database.conninfo, [jobs.tasks], context={"database": database}, wait=False)
    body = json.dumps({"text": chatty(9) + " \ud800"})
    answer = await client.post(f"{VOICES}/one/scores", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "text")


async def test_a_file_that_cannot_be_read(client: httpx.AsyncClient) -> None:
    await client.post(VOICES, json={"name": "One"})
    for name, content in (("a.pdf", b"%PDF"), ("a.txt", b"caf\xe9 " * 40), ("a.docx", b"nothing")):
        answer = await client.post(f"{VOICES}/one/samples/files", files={"file": (name, content)})
        assert (answer.status_code, answer.json()["field"]) == (422, "file")


async def test_a_stranger_s_voice_is_out_of_reach(
    client: httpx.AsyncClient, database: Database, owner_conn: Connection
) -> None:
    owner = Actor.user("somebody-else")
    await put_on_tier(owner_conn, owner, "pro")
    theirs = await Profiles(database).create(owner, NewProfile(name="Theirs"))
    for voice in ("theirs", str(theirs.id)):
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"name": "Mine"}),
            ("DELETE", "", None),
            ("PUT", "/default", None),
            ("GET", "/samples", None),
            ("POST", "/samples", {"content": chatty(1)}),
            ("POST", "/training", None),
            ("GET", "/scores", None),
            ("POST", "/scores", {"text": chatty(1)}),
        ):
            answer = await client.request(method, f"{VOICES}/{voice}{path}", json=body)
            assert answer.status_code == 404, (method, path, answer.text)


async def trained(client: httpx.AsyncClient, database: Database, name: str = "Acme", **more: Any) -> str:
    slug = str((await client.post(VOICES, json={"name": name, **more})).json()["slug"])
    for seed in range(3):
        await add(client, slug, chatty(seed))
    await client.post(f"{VOICES}/{slug}/training")
    await queue.work(database.conninfo, [jobs.tasks], context={"database": database}, wait=False)
    return slug


async def test_the_default_voice_is_used_scored_and_can_be_switched_off(
    client: httpx.AsyncClient, database: Database
) -> None:
    topic = {"topic": "Urban beekeeping", "words": 150}
    await client.post(VOICES, json={"name": "Untrained", "is_default": True})
    plain = (await client.post("/api/v1/posts", json=topic)).json()
    assert plain["voice"] is None  # a default voice in the making stops nobody
    slug = await trained(client, database, is_default=True)
    post = (await client.post("/api/v1/posts", json=topic)).json()
    assert post["voice"]["slug"] == slug
    assert (await client.get(f"/api/v1/content/{post['id']}")).json()["inputs"]["voice"] == slug
    (kept,) = (await client.get(f"{VOICES}/{slug}/scores", params={"content": post["id"]})).json()["items"]
    assert kept["overall_score"] == pytest.approx(post["voice"]["after"], abs=1e-3)
    assert kept["feedback"]["stage"] == "final"
    off = (await client.post("/api/v1/posts", json={**topic, "voice": "none"})).json()
    assert off["voice"] is None
    assert len((await client.get(f"{VOICES}/{slug}/scores")).json()["items"]) == 1


async def test_a_tier_without_voices_keeps_those_that_are_there_and_writes_without(
    client: httpx.AsyncClient, database: Database, owner_conn: Connection
) -> None:
    slug = await trained(client, database, is_default=True)
    await put_on_tier(owner_conn, LOCAL_OWNER, "starter")
    topic = {"topic": "Urban beekeeping", "words": 150}
    for method, path, body in (
        ("POST", VOICES, {"name": "Another"}),
        ("POST", f"{VOICES}/{slug}/training", None),
        ("POST", "/api/v1/posts", {**topic, "voice": slug}),
    ):
        answer = await client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["tiers"]) == (403, ["pro", "business"]), path
        assert answer.json()["remedy"] == "Change to pro or business."
    assert (await client.post("/api/v1/posts", json=topic)).json()["voice"] is None  # the default one is passed over
    assert (await client.post(f"{VOICES}/{slug}/scores", json={"text": chatty(9)})).json()["overall"] > 0.5
    assert (await client.delete(f"{VOICES}/{slug}")).status_code == 204


async def test_rewrites_are_kept_before_and_after_and_metered(client: httpx.AsyncClient, database: Database) -> None:
    slug = await trained(client, database)
    post = (
        await client.post(
            "/api/v1/posts",
            json={"topic": "Bees", "words": 150, "voice": slug, "rewrites": 1, "voice_target": 1.0},
        )
    ).json()
    (only,) = post["voice"]["rounds"]
    assert only["tried"] > 0 < only["tokens"]["output"]
    assert post["tokens"]["output"] > only["tokens"]["output"]
    items = (await client.get(f"{VOICES}/{slug}/scores")).json()["items"]
    assert [item["feedback"]["stage"] for item in items] == ["final", "draft"]
    assert {item["content_id"] for item in items} == {post["id"]}
    assert (await client.get("/api/v1/usage")).json()["month_used"] == 1


@pytest.mark.parametrize(
    ("inputs", "status", "field"),
    [
        ({"voice": "nobody"}, 404, None),
        ({"voice": "untrained"}, 409, "voice"),
        ({"voice": "not a slug"}, 422, "voice"),
        ({"voice": "none", "rewrites": 1}, 422, "rewrites"),
        ({"rewrites": 4}, 422, "rewrites"),
        ({"voice_target": 2}, 422, "voice_target"),
    ],
)
async def test_voices_that_nothing_can_be_written_in(
    client: httpx.AsyncClient, inputs: dict[str, Any], status: int, field: str | None
) -> None:
    await client.post(VOICES, json={"name": "Untrained"})
    answer = await client.post("/api/v1/posts", json={"topic": "Bees", **inputs})
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert (await client.get("/api/v1/usage")).json()["month_used"] == 0


async def test_the_same_request_gives_the_same_post_whatever_became_of_its_voice(
    client: httpx.AsyncClient, database: Database
) -> None:
    slug = await trained(client, database)
    other = (await client.post(VOICES, json={"name": "Other", "is_default": False})).json()["slug"]
    default, named = {"topic": "Bees", "words": 150}, {"topic": "Bees", "words": 150, "voice": slug}

    async def send(key: str, body: dict[str, Any]) -> httpx.Response:
        return await client.post("/api/v1/posts", json=body, headers={"Idempotency-Key": key})

    await client.put(f"{VOICES}/{slug}/default")
    first, second = (await send("default", default)).json(), (await send("named", named)).json()
    assert first["voice"]["slug"] == second["voice"]["slug"] == slug
    await client.put(f"{VOICES}/{other}/default")
    assert (await send("default", default)).json()["id"] == first["id"]
    assert (await send("default", {**default, "voice_target": 0.5})).status_code == 409
    assert (await client.delete(f"{VOICES}/{slug}")).status_code == 204
    assert (await send("named", named)).json()["id"] == second["id"]
    assert (await send("new", named)).status_code == 404
    assert (await client.get("/api/v1/usage")).json()["month_used"] == 2


async def test_a_post_in_another_language_than_its_voice_says_why_it_has_no_score(
    client: httpx.AsyncClient, database: Database
) -> None:
    slug = (await client.post(VOICES, json={"name": "Deutsch"})).json()["slug"]
    for seed in range(3):
        await add(client, slug, prose("german", seed, 12))
    await client.post(f"{VOICES}/{slug}/training")
    await queue.work(database.conninfo, [jobs.tasks], context={"database": database}, wait=False)
    post = (await client.post("/api/v1/posts", json={"topic": "Bees", "words": 150, "voice": slug})).json()
    assert post["voice"] is None
    assert "another language" in post["voice_problem"]
    assert (await client.get(f"{VOICES}/{slug}/scores")).json()["items"] == []
