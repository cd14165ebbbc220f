"""What happens to a run when its reader leaves or the server is killed."""

import os
import signal
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.conftest import FOLDER
from tests.e2e.conftest import Served, serve
from tests.support.processes import alive
from tests.support.prose import paragraphs
from tests.support.scripted_openai import ScriptedThread, Stall, Text

from blogai.db.embedded import EmbeddedPostgres

BODY = {"topic": "Urban beekeeping for beginners", "words": 150}


def read_until(client: httpx.Client, kind: str) -> str:
    """Begins a post as an event stream, leaves after the first event of a kind, gives the run's path."""
    with client.stream("POST", "/api/v1/posts", json=BODY, headers={"Accept": "text/event-stream"}) as answer:
        for line in answer.iter_lines():
            if line == f"event: {kind}":
                break
        return str(answer.headers["location"])


def last_event(client: httpx.Client, run: str) -> str:
    lines = client.get(f"{run}/events").text.splitlines()
    return [line for line in lines if line.startswith("event: ")][-1].removeprefix("event: ")


def until_text_is_stored(served: Served) -> None:
    """What was told is stored a moment later."""
    with EmbeddedPostgres(served.data) as postgres, psycopg.connect(postgres.owner_dsn(), autocommit=True) as conn:
        while not conn.execute("select from public.generation_events where kind = 'delta'").fetchall():
            time.sleep(0.05)


def test_a_reader_who_leaves_does_not_stop_the_run(served: Served) -> None:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        before = client.get("/api/v1/usage").json()["month_used"]
        run = read_until(client, "outline")
        assert last_event(client, run) == "finished"
        content = client.get(run).json()["content_id"]
        assert client.get(f"/api/v1/content/{content}").status_code == 200
        assert client.get("/api/v1/usage").json()["month_used"] == before + 1


def test_a_server_asked_to_stop_takes_its_database_with_it(provider: ScriptedThread) -> None:
    with tempfile.TemporaryDirectory(prefix="blogai-e2e-", dir=FOLDER, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        number = folder / "data" / "postgres" / "postmaster.pid"
        with serve(folder, provider) as running:
            assert number.exists()
        assert running.process.returncode == 0
        assert not number.exists()


def test_a_killed_server_charges_nothing_and_keeps_what_was_told(provider: ScriptedThread) -> None:
    with tempfile.TemporaryDirectory(prefix="blogai-e2e-", dir=FOLDER, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        provider.server.script += [Text(), Stall(paragraphs("bees", words=60), after=40)]
        with serve(folder, provider) as first, httpx.Client(base_url=first.url, timeout=60) as client:
            run = read_until(client, "delta")
            assert client.get("/api/v1/usage").json()["month_used"] == 1
            until_text_is_stored(first)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        with (
            serve(folder, provider, BLOGAI_RUN_LEASE="1") as second,
            httpx.Client(base_url=second.url, timeout=60) as client,
        ):
            assert last_event(client, run) == "failed"
            state = client.get(run).json()
            assert (state["status"], state["error"]["code"]) == ("failed", "run-interrupted")
            assert "event: delta" in client.get(f"{run}/events").text
            assert client.get("/api/v1/usage").json()["month_used"] == 0


@pytest.mark.parametrize(("number", "codes"), [(signal.SIGTERM, {0}), (signal.SIGINT, {0, 130})])
def test_the_database_stops_with_the_server(provider: ScriptedThread, number: signal.Signals, codes: set[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="blogai-e2e-", dir=FOLDER, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with serve(folder, provider) as running:
            database = int((folder / "data/postgres/postmaster.pid").read_text().split()[0])
            os.kill(database, 0)
            running.process.send_signal(number)
            assert running.process.wait(30) in codes
        assert not alive(database)


def test_requests_of_other_hosts_and_sites_are_refused(served: Served) -> None:
    with httpx.Client(base_url=served.url) as client:
        for path in ("/", "/history", "/api/v1/usage", "/health", "/static/theme.css"):
            assert client.get(path).status_code == 200, path
            assert client.get(path, headers={"Host": "blog.example"}).status_code == 403, path
            assert client.get(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403, path
        assert client.post("/api/v1/posts", json=BODY, headers={"Origin": "https://evil.example"}).status_code == 403
        assert client.get("/api/nothing").headers["content-type"] == "application/problem+json"
        assert client.get("/nothing").status_code == 404


def test_head_is_get_without_a_body(served: Served) -> None:
    with httpx.Client(base_url=served.url) as client:
        for path, code in (
            ("/", 200),
            ("/usage", 200),
            ("/api/v1/usage", 200),
            ("/health", 200),
            ("/api/nothing", 404),
        ):
            answer = client.head(path)
            assert (answer.status_code, answer.content) == (code, b""), path
