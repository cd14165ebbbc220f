"""Pages from the web: private places refused, at once and behind names and redirects; size, time and kind limited."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.support.voices import stiff

from blogai.brand import fetching
from blogai.brand.models import Profile
from blogai.brand.samples import Samples
from blogai.db.database import LOCAL_OWNER
from blogai.errors import InvalidInput

Answer = Callable[[str, dict[str, str]], Awaitable[tuple[int, dict[str, str], bytes]]]

ARTICLE = "<html><head><title>Bees</title></head><body><article>{}</article></body></html>"


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[int]:
    """A real HTTP server on loopback; its port."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            status, fields, body = await answer(lines[0].split()[1], headers)
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    started = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with started:
        yield started.sockets[0].getsockname()[1]
        for task in serving:  # those that never answer
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lets the name `blog.example` lead to the servers of the test; every name looked at is listed. All other names
    and addresses are judged as ever."""
    seen: list[str] = []
    real = fetching.public_address

    async def look(host: str, port: int) -> str:
        seen.append(host)
        return "127.0.0.1" if host == "blog.example" else await real(host, port)

    monkeypatch.setattr(fetching, "public_address", look)
    return seen


async def page(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    paragraphs = "".join(f"<p>{part}</p>" for part in stiff(1).split("\n\n"))
    return 200, {"content-type": "text/html; charset=utf-8"}, ARTICLE.format(paragraphs).encode()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "ff02::1", "fec0::1", "::7f00:1", "fe80::1%eth0",
        "::ffff:0:7f00:1", "64:ff9b:1::a00:1", "3fff::1", "5f00::1", "192.0.0.8", "192.88.99.1", "198.18.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not fetching.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_addresses_that_are_public(address: str) -> None:
    assert fetching.is_public(address)


async def test_loopback_is_refused_before_anything_is_sent() -> None:
    asked = []

    async def note(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked.append(path)
        return await page(path, headers)

    async with server(note) as port:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433"):
            with pytest.raises(InvalidInput) as caught:
                await fetching.fetch(f"http://{host}:{port}/")
            assert caught.value.field == "url"
            assert "127.0.0.1 is 127.0.0.1" not in caught.value.message
    assert asked == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/x", "gopher://x", "javascript:alert(1)", "", "https://", "//x/y",
     "http://user:secret@example.org/", "http://example.org:99999/", "http://[::1"],
)  # fmt: skip
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await fetching.fetch(url)
    assert caught.value.remedy


async def test_a_page_is_fetched_under_its_name(named: list[str]) -> None:
    hosts = []

    async def note(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        hosts.append(headers["host"])
        if path == "/old":
            return 301, {"location": "/new"}, b""
        return await page(path, headers)

    async with server(note) as port:
        found = await fetching.fetch(f"http://blog.example:{port}/old")
    assert found.url == f"http://blog.example:{port}/new"
    assert stiff(1).split("\n\n")[0] in found.text
    assert hosts == [f"blog.example:{port}"] * 2
    assert named == ["blog.example"] * 2


async def test_a_redirect_into_a_private_place_is_refused(named: list[str]) -> None:
    asked = []

    async def redirect(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        asked.append(path)
        return 302, {"location": f"http://127.0.0.1:{headers['host'].split(':')[1]}/secret"}, b""

    async with server(redirect) as port:
        with pytest.raises(InvalidInput, match="public internet"):
            await fetching.fetch(f"http://blog.example:{port}/")
    assert asked == ["/"]


async def test_limits(named: list[str]) -> None:
    async def misbehave(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        match path:
            case "/loop":
                return 302, {"location": "/loop"}, b""
            case "/large":
                return 200, {"content-type": "text/plain"}, b"x" * 2000
            case "/picture":
                return 200, {"content-type": "image/png"}, b"x"
            case "/wrong":
                return 200, {"content-type": "text/plain; charset=utf-8"}, b"caf\xe9"
            case "/nowhere":
                return 302, {"location": "//[v6.x]:1/"}, b""
            case "/odd":
                return 302, {"location": "http://[abc]/"}, b""
            case "/slow":
                await asyncio.Event().wait()
        return 404, {}, b""

    async with server(misbehave) as port:
        for path, says in (
            ("/loop", "redirects more than"),
            ("/large", "larger than"),
            ("/picture", "image/png"),
            ("/wrong", "encoding"),
            ("/slow", "did not answer"),
            ("/nowhere", "cannot be fetched|no usable"),
            ("/odd", "cannot be fetched|no usable"),
            ("/missing", "404"),
        ):
            with pytest.raises(InvalidInput, match=says):
                await fetching.fetch(
                    f"http://blog.example:{port}{path}", timeout=0.3 if path == "/slow" else 20, most_bytes=1000
                )
    with pytest.raises(InvalidInput, match="cannot be fetched"):
        await fetching.fetch(f"http://blog.example:{port}/")


async def test_packed_pages_are_unpacked_within_the_limit(named: list[str]) -> None:
    bomb, article = gzip.compress(b"x" * 50_000_000), gzip.compress(b"A good page. " * 20)

    async def packed(path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        assert headers["accept-encoding"] == "gzip"
        kind = {"content-type": "text/plain", "content-encoding": "br" if path == "/other" else "gzip"}
        bodies = {"/bomb": bomb, "/cut": article[:-12], "/damaged": b"no archive at all"}
        return 200, kind, bodies.get(path, article)

    async with server(packed) as port:
        where = f"http://blog.example:{port}"
        assert (await fetching.fetch(f"{where}/good")).text == "A good page. " * 20
        tracemalloc.start()
        for path, says in (
            ("/bomb", "larger than"),
            ("/other", "packed as br"),
            ("/cut", "breaks off"),
            ("/damaged", "cannot be fetched"),
        ):
            with pytest.raises(InvalidInput, match=says):
                await fetching.fetch(where + path, most_bytes=100_000)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 5_000_000


async def test_urls_become_samples_and_one_failure_stops_no_other(
    named: list[str], samples: Samples, profile: Profile
) -> None:
    async with server(page) as port:
        good, bad = f"http://blog.example:{port}/bees", f"http://127.0.0.1:{port}/"
        outcomes = await samples.add_urls(LOCAL_OWNER, profile.id, [good, bad, good], primary=True)
    assert [outcome.url for outcome in outcomes] == [good, bad]
    made, refused = outcomes
    assert made.sample is not None
    assert (made.sample.title, made.sample.source_url, made.sample.source_platform) == ("Bees", good, "blog.example")
    assert made.sample.is_primary_example
    assert refused.problem is not None
    assert (refused.problem["status"], refused.problem["field"]) == (422, "url")
    for wrong in ([], ["  "], [f"https://example.org/{n}" for n in range(21)]):
        with pytest.raises(InvalidInput):
            await samples.add_urls(LOCAL_OWNER, profile.id, wrong)
