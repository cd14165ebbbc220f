"""Pictures of a voice's pages, of our own documentation's voice: python -m scripts.voice_pictures.

The texts are written by the embedded model; a few minutes. Needs the tests' Chromium.
"""

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
VOICE, TOPIC = "our-documentation", "How backups of a database work"
WIDE, PHONE = (1200, 900), (390, 844)


@contextmanager
def served() -> Iterator[str]:
    """A server with the trained voice; its address."""
    with tempfile.TemporaryDirectory(prefix="blogai-pictures-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")} | {
            "PYTHONPATH": str(Path(blogai.__file__).parents[1]),
            "BLOGAI_DATA_DIR": str(folder / "data"),
            "BLOGAI_PORT": "0",
        }
        program = [sys.executable, "-m", "blogai"]
        for arguments in (
            ["create", "Our documentation", "--avoid", "leverage, utilize", "--default"],
            ["add", VOICE, *sorted(SAMPLES)],
            ["train", VOICE],
        ):
            subprocess.run([*program, "voice", *arguments], env=environment, cwd=DOCS, check=True)
        log = folder / "serve.log"
        with (
            log.open("w") as output,
            subprocess.Popen([*program, "serve"], env=environment, cwd=folder, stderr=output) as process,
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
    page.set_default_timeout(300_000)
    page.goto(url)
    return page


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    page.wait_for_timeout(1500)  # until charts have been drawn
    page.screenshot(path=DOCS / "images" / f"voice-{name}.png", full_page=whole)


def main() -> None:
    expect.set_options(timeout=300_000)
    with sync_playwright() as playwright, served() as url:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = visit(browser, url)
        page.get_by_label("Topic").fill(TOPIC)
        page.get_by_label("Rewriting").click()
        page.get_by_role("option", name="Up to two rounds").click()
        page.get_by_role("button", name="Write", exact=True).click()
        expect(page.locator(".rounds")).to_contain_text("Draft: ")
        picture(page, "rewriting", whole=False)
        page.get_by_role("link", name="Sentence by sentence").click()
        text = page.get_by_label("Text")
        expect(page.locator(".judged").first).to_be_visible()
        text.fill(text.input_value().rstrip() + "\n\nWe leverage no service for it: a row that is lost stays lost.")
        page.get_by_role("button", name="Score", exact=True).click()
        expect(page.get_by_role("link", name="leverage")).to_be_visible()
        picture(page, "score")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        picture(page, "score-phone", whole=False)
        profile = f"{url}/voices/{VOICE}"
        picture(visit(browser, profile), "profile")
        picture(visit(browser, profile, dark=True), "profile-dark", whole=False)
        browser.close()


if __name__ == "__main__":
    main()
