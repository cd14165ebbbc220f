"""A real browser against a real server process, with a scripted provider on loopback."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests cannot run; on CI there must be one."""
    if CHROMIUM is None and not os.environ.get("CI"):
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium on the PATH"))


@pytest.fixture(scope="session")
def provider() -> Iterator[ScriptedThread]:
    with ScriptedThread(words=60) as server:
        yield server


@dataclass
class Served:
    """A running `blogai serve`."""

    url: str
    process: subprocess.Popen[str]


@pytest.fixture(scope="session")
def served(provider: ScriptedThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="blogai-e2e-"))
    env = {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")} | {
        "BLOGAI_DATA_DIR": str(folder / "data"),
        "BLOGAI_PORT": "0",
        "BLOGAI_PROVIDERS__SCRIPTED__KIND": "openai-compatible",
        "BLOGAI_PROVIDERS__SCRIPTED__BASE_URL": provider.base_url,
        "BLOGAI_PROVIDERS__SCRIPTED__MODEL": "scripted-1",
        "BLOGAI_DEFAULT_PROVIDER": "scripted",
        "BLOGAI_PROVIDER_RETRIES": "0",
    }
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path.endswith("src"))
    process = subprocess.Popen(
        [sys.executable, "-m", "blogai", "serve"], stderr=subprocess.PIPE, text=True, env=env, cwd=folder
    )
    assert process.stderr is not None
    said = []
    url = None
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            url = found.group(0)
            break
    assert url, "".join(said)
    yield Served(url, process)
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + 60
    process.stderr.close()
    assert process.wait(timeout=deadline - time.monotonic()) in (0, -signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


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
    page.set_default_timeout(20_000)
    made = Visit(page)

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            made.complaints.append(f"{message.type}: {message.text} {message.location}")

    page.on("console", listen)
    page.on("pageerror", lambda error: made.complaints.append(f"uncaught: {error}"))
    page.goto(served.url)
    yield made
    assert made.complaints == []
