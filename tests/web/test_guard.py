"""Only this machine's own pages may talk to a server without sign-in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from blogai.errors import ConfigurationError
from blogai.web.address import host_of, is_loopback, require_loopback
from blogai.web.guard import LocalOnly


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = LocalOnly(Starlette(routes=[Route("/", hello, methods=["GET", "POST"])]))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:9", "[::1]:8000", "blog.localhost:80"])
async def test_loopback_hosts_pass(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["blog.example", "192.168.1.5:8000", "127.0.0.1.evil.example", "", "[::1", "0.0.0.0"])
async def test_other_hosts_are_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "not this machine" in answer.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_cross_site_requests_are_refused(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await client.request(method, "/", headers={"Origin": "https://evil.example"})).status_code == 403
    for origin in ("null", "http://[", "http://user@127.0.0.1:8000", "http://127.0.0.1:8000.evil.example", ""):
        assert (await client.request(method, "/", headers={"Origin": origin})).status_code == 403, origin
    assert (await client.request(method, "/", headers={"Origin": "http://127.0.0.1:3000"})).status_code == 403


async def test_own_pages_pass(client: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8000"}
    assert (await client.post("/", headers=headers)).status_code == 200
    assert (await client.get("/", headers={"Sec-Fetch-Site": "none"})).status_code == 200


async def test_cross_site_web_socket_is_closed() -> None:
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("the application was reached")

    headers = [(b"host", b"127.0.0.1:8000"), (b"origin", b"https://evil.example")]
    await LocalOnly(never)({"type": "websocket", "headers": headers}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "cross-site"}]


def test_only_loopback_addresses_may_be_listened_on() -> None:
    for host in ("127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8"):
        require_loopback(host)
    for host in ("0.0.0.0", "::", "192.168.0.2", "blog.example"):
        with pytest.raises(ConfigurationError, match="no sign-in"):
            require_loopback(host)


def test_host_parsing() -> None:
    assert host_of("LOCALHOST:80") == "localhost"
    assert host_of("[::1]:80") == "::1"
    assert host_of("[::1") == ""
    assert is_loopback("127.0.0.2")
    assert not is_loopback("")
