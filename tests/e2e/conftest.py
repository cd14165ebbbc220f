"""A real browser against a real server process, with a scripted provider on loopback."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from tests.conftest import FOLDER
from tests.support.scripted_openai import ScriptedThread

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=30_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go last; without a browser they are skipped, but on CI there must be one.

    Playwright's loop runs on until the browser is closed at the very end, and no asynchronous test could run beside it.
    """
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    items[:] = [item for item in items if here not in item.path.parents] + mine
    if CHROMIUM is None and not os.environ.get("CI"):
        for item in mine:
            item.add_marker(pytest.mark.skip(reason="no Chromium on the PATH"))


@pytest.fixture(scope="session")
def provider() -> Iterator[ScriptedThread]:
    with ScriptedThread(words=60) as server:
        yield server


@dataclass
class Served:
    """A running `blogai serve`."""

    url: str
    process: subprocess.Popen[bytes]
    data: Path


@pytest.fixture(scope="session")
def served(provider: ScriptedThread) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="blogai-e2e-", dir=FOLDER, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root the database runs under another account, which must pass
        with serve(folder, provider) as running:
            yield running


@contextmanager
def serve(folder: Path, provider: ScriptedThread, **settings: str) -> Iterator[Served]:
    """Runs `blogai serve` with its data in a folder; stops it as Ctrl-C would."""
    env = (
        {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")}
        | {
            "BLOGAI_DATA_DIR": str(folder / "data"),
            "BLOGAI_PORT": "0",
            "BLOGAI_PROVIDERS__SCRIPTED__KIND": "openai-compatible",
            "BLOGAI_PROVIDERS__SCRIPTED__BASE_URL": provider.base_url,
            "BLOGAI_PROVIDERS__SCRIPTED__MODEL": "scripted-1",
            "BLOGAI_DEFAULT_PROVIDER": "scripted",
            "BLOGAI_PROVIDER_RETRIES": "0",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("src")),
        }
        | settings
    )
    log = folder / "serve.log"
    with (
        log.open("w") as output,
        subprocess.Popen([sys.executable, "-m", "blogai", "serve"], stderr=output, env=env, cwd=folder) as process,
    ):
        try:
            yield Served(address_of(log, process), process, folder / "data")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def address_of(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Waits for a started server's own word on where it listens."""
    deadline = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < deadline:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            return found.group(0)
        time.sleep(0.1)
    raise AssertionError(f"serve did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@dataclass
class Visit:
    """A page, and what its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(params=["wide"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    sizes = {"wide": (1280, 900), "phone": (390, 844)}
    width, height = sizes[request.param]
    opened = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    opened.grant_permissions(["clipboard-read", "clipboard-write"])
    yield opened
    opened.close()


@pytest.fixture
def visit(served: Served, context: BrowserContext) -> Iterator[Visit]:
    """A page of the server; at the end its console must have been silent."""
    page = context.new_page()
    page.set_default_timeout(30_000)
    made = Visit(page)

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            made.complaints.append(f"{message.type}: {message.text} {message.location}")

    page.on("console", listen)
    page.on("pageerror", lambda error: made.complaints.append(f"uncaught: {error}"))
    page.goto(served.url)
    yield made
    assert made.complaints == []


@pytest.fixture
def api(served: Served) -> Iterator[httpx.Client]:
    """The API of the same server, as another tab or program would use it; its voice is deleted in the end."""
    with httpx.Client(base_url=f"{served.url}/api/v1", timeout=30) as client:
        client.post("/voices", json={"name": "Mill notes"}).raise_for_status()
        yield client
        client.delete("/voices/mill-notes")
