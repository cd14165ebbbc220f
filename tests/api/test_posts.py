"""Writing posts over HTTP."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from tests.support.scripted_openai import Failure, ScriptedOpenAI

TOPIC = {"topic": "Urban beekeeping for beginners", "words": 150}


async def usage(client: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await client.get("/api/v1/usage")).json())


async def test_a_post_is_written_stored_and_metered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/posts", json=TOPIC)
    assert answer.status_code == 201, answer.text
    post = answer.json()
    assert post["title"]
    assert post["content"].count("\n## ") >= 3
    assert post["words"] > 50
    assert post["provider"] == "scripted"
    assert post["tokens"]["input"] > 0 < post["tokens"]["output"]
    assert (await client.get(f"/api/v1/content/{post['id']}")).json()["output"] == post["content"]
    assert (await usage(client))["month_used"] == 1
    assert (await client.get("/api/v1/usage/breakdown")).json()["items"][0]["operation_type"] == "blog"
    stats = (await client.get("/api/v1/tools/stats")).json()["items"]
    assert [(item["tool_id"], item["count"]) for item in stats] == [("blog-post-generator", 1)]


def events_of(text: str) -> list[dict[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith(":")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            found.append({"id": int(fields["id"]), "kind": fields["event"], "data": json.loads(fields["data"])})
    return found


async def test_events_stream_and_can_be_resumed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/posts", json=TOPIC, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert {"outline", "section", "delta"} <= set(kinds)
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))
    where = answer.headers["location"]
    middle = events[len(events) // 2]["id"]
    rest = await client.get(f"{where}/events", headers={"Last-Event-ID": str(middle)})
    assert events_of(rest.text) == [event for event in events if event["id"] > middle]
    assert events_of((await client.get(f"{where}/events", headers={"Last-Event-ID": str(ids[-1])})).text) == []
    run = (await client.get(where)).json()
    assert (run["status"], run["provider"]) == ("finished", "scripted")


async def test_the_same_key_writes_once(client: httpx.AsyncClient, provider: ScriptedOpenAI) -> None:
    headers = {"Idempotency-Key": "a-key"}
    both = await asyncio.gather(*(client.post("/api/v1/posts", json=TOPIC, headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in both} == {201}
    assert len({answer.json()["id"] for answer in both}) == 1
    assert (await usage(client))["month_used"] == 1
    other = await client.post("/api/v1/posts", json={**TOPIC, "words": 200}, headers=headers)
    assert other.status_code == 409
    assert other.json()["code"] == "conflict"


async def test_the_same_key_tries_again_after_a_failure(client: httpx.AsyncClient, provider: ScriptedOpenAI) -> None:
    headers = {"Idempotency-Key": "a-key"}
    provider.script += [Failure(401, "bad key")]
    assert (await client.post("/api/v1/posts", json=TOPIC, headers=headers)).status_code == 502
    again = [await client.post("/api/v1/posts", json=TOPIC, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in again] == [201, 201]
    assert again[0].json()["id"] == again[1].json()["id"]
    assert (await usage(client))["month_used"] == 1


async def test_respond_async(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/posts", json=TOPIC, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    text = (await client.get(f"{answer.headers['location']}/events")).text
    assert events_of(text)[-1]["kind"] == "finished"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "topic"),
        ({"topic": ""}, "topic"),
        ({"topic": " \t "}, "topic"),
        ({"topic": "x" * 501}, "topic"),
        ({"topic": "a\x00b"}, "topic"),
        ({"topic": 7}, "topic"),
        ({"topic": "Bees", "keywords": ["k"] * 0 + [f"k{n}" for n in range(21)]}, "keywords"),
        ({"topic": "Bees", "tone": "angry"}, "tone"),
        ({"topic": "Bees", "words": 1}, "words"),
        ({"topic": "Bees", "words": 10**9}, "words"),
        ({"topic": "Bees", "words": "many"}, "words"),
        ({"topic": "Bees", "provider": "nobody"}, "provider"),
        ({"topic": "Bees", "provider": 5}, "provider"),
        ({"topic": "Bees", "colour": "red"}, "colour"),
    ],
)
async def test_bad_input_names_the_field_and_costs_nothing(
    client: httpx.AsyncClient, provider: ScriptedOpenAI, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/posts", json=body)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["field"].split(".")[0] == field
    assert problem["remedy"]
    assert provider.requests == []
    assert (await usage(client))["month_used"] == 0


@pytest.mark.parametrize("body", [b'{"topic": ', b"[]", b'"text"', b"", b"\xff\xfe"])
async def test_malformed_json(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/v1/posts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"]


@pytest.mark.parametrize("topic", ["تربية النحل في المدينة", "🐝🏙️ roof honey", "蜂", "a" * 500])
async def test_other_scripts_and_limits_pass(client: httpx.AsyncClient, topic: str) -> None:
    answer = await client.post("/api/v1/posts", json={"topic": topic, "words": 150})
    assert answer.status_code == 201, answer.text


async def test_a_rejected_key_is_told_and_costs_nothing(client: httpx.AsyncClient, provider: ScriptedOpenAI) -> None:
    provider.script += [Failure(401, "bad key")] * 4
    answer = await client.post("/api/v1/posts", json=TOPIC)
    assert answer.status_code == 502
    assert answer.json()["code"] == "provider-rejected"
    assert answer.json()["remedy"]
    assert (await usage(client))["month_used"] == 0
    assert (await client.get("/api/v1/content")).json()["items"] == []


async def test_wrong_ids(client: httpx.AsyncClient) -> None:
    nobody = "11111111-1111-4111-8111-111111111111"
    for path in (f"/runs/{nobody}", f"/runs/{nobody}/events", f"/content/{nobody}", f"/content/{nobody}/versions"):
        answer = await client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), path
    assert (await client.get("/api/v1/runs/not-an-id")).status_code == 422
    assert (await client.get("/api/v1/content/not-an-id")).status_code == 422
    assert (await client.delete(f"/api/v1/runs/{nobody}")).status_code == 404
    assert (await client.get(f"/api/v1/runs/{nobody}/events", headers={"Last-Event-ID": "x"})).status_code == 422


async def test_a_run_can_be_cancelled(client: httpx.AsyncClient, provider: ScriptedOpenAI) -> None:
    from tests.support.scripted_openai import Silence

    provider.script.append(Silence())
    begun = await client.post("/api/v1/posts", json=TOPIC, headers={"Prefer": "respond-async"})
    where = begun.headers["location"]
    await asyncio.wait_for(provider.arrived.wait(), 20)
    assert (await client.delete(where)).status_code == 202
    assert events_of((await client.get(f"{where}/events")).text)[-1]["kind"] == "cancelled"
    assert (await client.get(where)).json()["status"] == "cancelled"
    assert (await usage(client))["month_used"] == 0


async def test_who_waits_for_a_post_is_told_that_it_was_cancelled(
    client: httpx.AsyncClient, provider: ScriptedOpenAI
) -> None:
    from tests.support.scripted_openai import Silence

    provider.script.append(Silence())
    key = {"Idempotency-Key": "once"}
    waiting = asyncio.create_task(client.post("/api/v1/posts", json=TOPIC, headers=key))
    await asyncio.wait_for(provider.arrived.wait(), 20)
    begun = await client.post("/api/v1/posts", json=TOPIC, headers=key | {"Prefer": "respond-async"})
    assert (await client.delete(begun.headers["location"])).status_code == 202
    answer = await waiting
    assert (answer.status_code, answer.json()["run_id"]) == (409, begun.json()["id"])
    assert "cancelled" in answer.json()["detail"]
    assert answer.json()["remedy"]
