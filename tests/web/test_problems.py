"""Errors of the API are problem documents that name the field and the remedy."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from blogai import errors
from blogai.web import problems


class Body(BaseModel):
    topic: str = Field(min_length=1)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    @app.post("/api/v1/things")
    async def create(body: Body) -> str:
        return body.topic

    @app.get("/api/v1/quota")
    async def quota() -> None:
        raise errors.QuotaExceeded(used=5, limit=5, tier="free", cost=Decimal("0.10"), retry_after=61.7)

    @app.get("/api/v1/bug")
    async def bug() -> None:
        raise RuntimeError("secret detail")

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def test_our_errors(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/quota")
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "61"
    body = answer.json()
    assert body["code"] == "quota-exceeded"
    assert (body["used"], body["limit"], body["tier"]) == (5, 5, "free")


@pytest.mark.parametrize(("ahead", "low", "high"), [(90.2, 85, 91), (-30, 1, 1)])
def test_a_quota_refusal_says_when_to_come_back(ahead: float, low: int, high: int) -> None:
    """As the database says it: a moment in ISO 8601."""
    resets_at = (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat().replace("+00:00", "Z")
    wait = problems.wait_of(errors.QuotaExceeded(used=5, limit=5, tier="free", window="day", resets_at=resets_at))
    assert wait is not None
    assert low <= wait <= high


async def test_malformed_json(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/things", content=b'{"topic": ', headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "body"
    assert "not valid JSON" in answer.json()["detail"]


@pytest.mark.parametrize("sent", [b"[]", b'"text"', b"", b"null"])
async def test_a_body_that_is_no_object(client: httpx.AsyncClient, sent: bytes) -> None:
    for kind in ("application/json", "text/plain"):
        body = (await client.post("/api/v1/things", content=sent, headers={"Content-Type": kind})).json()
        assert (body["field"], body["detail"]) == ("body", "The request body is no JSON object."), (kind, body)
        assert "application/json" in body["remedy"]


async def test_wrong_field(client: httpx.AsyncClient) -> None:
    body = (await client.post("/api/v1/things", json={"topic": ""})).json()
    assert body["status"] == 422
    assert body["field"] == "topic"
    assert body["remedy"]


async def test_unknown_path_and_method(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    answer = await client.get("/api/v1/things")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_a_fault_hides_its_details(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
