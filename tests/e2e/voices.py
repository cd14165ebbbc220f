"""A voice as another tab or program would make it."""

import httpx
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Served
from tests.e2e.test_pages import sample


def add(api: httpx.Client, *numbers: int) -> list[str]:
    """Ids of new samples."""
    posted = [api.post("/voices/mill-notes/samples", json={"content": sample(number)}) for number in numbers]
    return [str(one.raise_for_status().json()["id"]) for one in posted]


def trained(page: Page, served: Served, api: httpx.Client) -> Page:
    """The page of the voice once it has learnt from two samples."""
    add(api, 1, 2)
    api.post("/voices/mill-notes/training").raise_for_status()
    page.goto(f"{served.url}/voices/mill-notes")
    expect(page.get_by_text("What was learnt")).to_be_visible(timeout=60_000)
    return page
