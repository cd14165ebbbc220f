"""The pictures of the pages in docs/images: python -m scripts.pictures [--only voice|pages].

On a server and data of its own; the texts are written by the embedded model, which takes a few minutes. Needs Chromium.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.e2e.conftest import CHROMIUM, QUIET, address_of

import blogai

DOCS = Path(__file__).resolve().parent.parent / "docs"
SAMPLES = [
    "operations.md",
    "adopting.md",
    "architecture.md",
    *(f"decisions/{path.name}" for path in (DOCS / "decisions").iterdir()),
]
VOICE = "our-documentation"
TOPICS = ("Urban beekeeping for beginners", "How lighthouses work", "Baking bread at home")
WIDE, PHONE = (1280, 900), (390, 844)
WAIT = 300_000
"""Milliseconds that a text may take on a slow machine."""


class Installation:
    """A program with data of its own in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")} | {
            "PYTHONPATH": str(Path(blogai.__file__).parents[1]),
            "BLOGAI_DATA_DIR": str(folder / "data"),
            "BLOGAI_PORT": "0",
        }
        self._program = [sys.executable, "-m", "blogai"]

    def run(self, *arguments: str) -> None:
        subprocess.run([*self._program, *arguments], env=self._environment, cwd=DOCS, check=True)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Runs the server; its address."""
        log = self._folder / "serve.log"
        with (
            log.open("w") as output,
            subprocess.Popen(
                [*self._program, "serve"], env=self._environment, cwd=self._folder, stderr=output
            ) as process,
        ):
            try:
                yield address_of(log, process)
            finally:
                process.terminate()


def visit(browser: Browser, url: str, size: tuple[int, int] = WIDE, *, dark: bool = False) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(url)
    return page


def picture(page: Page, name: str, *, whole: bool = False) -> None:
    page.wait_for_timeout(1500)  # until charts have been drawn
    page.screenshot(path=DOCS / "images" / f"{name}.png", full_page=whole)


def of_pages(browser: Browser, installation: Installation) -> None:
    """Write, the written text, History and Usage, each light, dark and on a phone."""
    with installation.served() as url:
        page = visit(browser, url)
        for topic in TOPICS:
            page.goto(url)
            page.get_by_label("Topic").fill(topic)
            page.get_by_role("button", name="Write", exact=True).click()
            page.locator(".run-text .prose").nth(1).wait_for()
            if topic == TOPICS[0]:
                picture(page, "write")
            page.get_by_role("button", name="Copy").wait_for()
        written = page.get_by_role("button", name="Mark as favourite")
        written.click()
        addresses = {"start": url, "text": page.url, "history": f"{url}/history", "usage": f"{url}/usage"}
        for name, address in addresses.items():
            picture(visit(browser, address), name)
            picture(visit(browser, address, dark=True), f"{name}-dark")
            picture(visit(browser, address, PHONE), f"{name}-phone")


def of_voices(browser: Browser, installation: Installation) -> None:
    """A draft that is rewritten, its score before and after an edit, and the page of its voice: our documentation's."""
    installation.run("voice", "create", "Our documentation", "--avoid", "leverage, utilize", "--default")
    installation.run("voice", "add", VOICE, *sorted(SAMPLES))
    installation.run("voice", "train", VOICE)
    with installation.served() as url:
        page = visit(browser, url)
        page.get_by_label("Topic").fill("How backups of a database work")
        page.get_by_label("Rewriting").click()
        page.get_by_role("option", name="Up to two rounds").click()
        page.get_by_label("Good enough at").click()
        page.get_by_role("option", name="All rounds").click()
        page.get_by_role("button", name="Write", exact=True).click()
        expect(page.locator(".rounds")).to_contain_text("Round 1: ")
        picture(page, "voice-rewriting")
        page.get_by_role("link", name="Sentence by sentence").click()
        text = page.get_by_label("Text", exact=True)
        expect(page.locator(".judged").first).to_be_visible()
        text.fill(text.input_value().rstrip() + "\n\nWe leverage no service for it: a row that is lost stays lost.")
        page.get_by_role("button", name="Score", exact=True).click()
        expect(page.get_by_role("link", name="leverage")).to_be_visible()
        picture(page, "voice-score", whole=True)
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        picture(page, "voice-score-phone")
        profile = f"{url}/voices/{VOICE}"
        picture(visit(browser, profile), "voice-profile", whole=True)
        picture(visit(browser, profile, dark=True), "voice-profile-dark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("pages", "voice"))
    chosen = parser.parse_args().only
    expect.set_options(timeout=WAIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, take in (("pages", of_pages), ("voice", of_voices)):
            if chosen in (None, name):
                with tempfile.TemporaryDirectory(prefix="blogai-pictures-", ignore_cleanup_errors=True) as folder:
                    Path(folder).chmod(0o711)
                    take(browser, Installation(Path(folder)))
        browser.close()


if __name__ == "__main__":
    main()
