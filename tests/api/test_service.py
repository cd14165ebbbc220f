"""Health, the OpenAPI document and what any client may try."""

import json
import re
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings

from blogai.db.database import Connection, Database


async def test_health(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["model"] == "remote"


async def test_health_says_what_is_missing(
    client: httpx.AsyncClient, database: Database, owner_conn: Connection
) -> None:
    await owner_conn.execute(
        "delete from private.schema_migrations where id = (select max(id) from private.schema_migrations)"
    )
    answer = await client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "pending"
    assert "blogai db migrate" in answer.json()["detail"]


async def test_health_without_a_database(client: httpx.AsyncClient, database: Database) -> None:
    await database.close()
    answer = await client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["database"] == "unavailable"


async def test_the_document_names_every_path(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert {
        "/api/v1/posts",
        "/api/v1/runs/{run_id}",
        "/api/v1/runs/{run_id}/events",
        "/api/v1/content",
        "/api/v1/content/{content_id}",
        "/api/v1/content/{content_id}/favorite",
        "/api/v1/usage",
        "/api/v1/usage/breakdown",
        "/api/v1/tools/stats",
        "/health",
    } <= set(document["paths"])


async def test_patterns_are_those_of_json_schema(client: httpx.AsyncClient) -> None:
    """Its dialect, that of JavaScript, knows no mark of the end but a dollar: there `\\z` is the letter z."""
    patterns = re.findall(r'"pattern":("(?:[^"\\\\]|\\\\.)*")', (await client.get("/openapi.json")).text)
    assert patterns
    for pattern in map(json.loads, patterns):
        assert re.search(r"\\[AzZ]", pattern) is None, pattern
        assert re.search(pattern, "acme-blog"), pattern


async def test_usage(client: httpx.AsyncClient) -> None:
    used = (await client.get("/api/v1/usage")).json()
    assert {"month_used", "month_limit", "day_used", "day_limit", "remaining", "resets_at", "tier"} <= set(used)
    assert (used["tier"], used["month_limit"], used["day_limit"]) == ("business", 1000, -1)
    wrong = await client.get(
        "/api/v1/usage/breakdown", params={"start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    )
    assert (wrong.status_code, wrong.json()["field"]) == (422, "end")


async def test_random_requests_get_documented_answers(client: httpx.AsyncClient) -> None:
    """Requests made from the OpenAPI document, valid and not: never a 5xx, always what the document says."""
    document = (await client.get("/openapi.json")).json()
    for path in ("/api/v1/posts", "/health"):
        document["paths"].pop(path)
    schema = schemathesis.openapi.from_dict(document)
    for found in schema.get_all_operations():
        operation: Any = found
        for case in cases_of(operation.ok()):
            request = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
            request.pop("cookies", None)
            answer = await client.request(**{key: value for key, value in request.items() if value is not None})
            assert answer.status_code < 500, (case, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json", (case, answer.text)


def cases_of(operation: Any) -> list[Any]:
    """Some requests for an operation, the same in every run."""
    cases: list[Any] = []

    @settings(max_examples=8, database=None, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def collect(case: Any) -> None:
        cases.append(case)

    collect()
    return cases
