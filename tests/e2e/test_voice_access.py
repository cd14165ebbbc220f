"""Brand voices without a mouse, by ear, on a phone, and from right to left."""

import re

import httpx
import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Served, Visit
from tests.e2e.test_pages import sample
from tests.e2e.voices import add, trained


def test_each_button_of_a_sample_says_which_one(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    title = 'The "best" <mill> & more'
    api.post("/voices/mill-notes/samples", json={"content": sample(1), "title": title}).raise_for_status()
    add(api, 2)
    page.goto(f"{served.url}/voices/mill-notes")
    beginning = " ".join(sample(2).split())[:20]
    for action in ("Read", "Show it to models first", "Delete"):
        expect(page.get_by_role("button", name=f"{action}: {title}", exact=True)).to_have_count(1)
        expect(page.get_by_role("button", name=f"{action}: {beginning}")).to_have_count(1)
    page.get_by_role("button", name=f"Delete: {beginning}").click()
    expect(page.locator(".undo [role=status]")).to_contain_text(beginning)
    expect(page.get_by_role("listitem")).to_have_count(1)


def test_the_keyboard_stays_where_something_was_done(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    add(api, 1, 2)
    page.goto(f"{served.url}/voices/mill-notes")
    star = page.get_by_role("button", name="Show it to models first").first
    ring = "getComputedStyle(document.activeElement).boxShadow"
    plain = page.evaluate(ring)
    page.get_by_role("tab", name="Paste").focus()
    page.keyboard.press("Tab")
    text = page.get_by_label("A text in this voice")
    expect(text).to_be_focused()
    page.keyboard.type("Too short.")
    page.keyboard.press("Tab")
    assert page.evaluate(ring) != plain
    page.keyboard.press("Enter")
    expect(page.locator(".panel .q-field__messages")).to_contain_text("The text has 2 words")
    expect(text).to_be_focused()
    text.fill(sample(3))
    page.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(page.locator(".entry")).to_have_count(3)
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_focused()
    star.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    page.get_by_role("button", name="Delete:").first.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Read:").first).to_be_focused()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(page.get_by_text("What was learnt")).to_be_visible(timeout=60_000)
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Paste")).to_be_focused()
    page.goto(f"{served.url}/voices/mill-notes/score")
    page.get_by_label("Text", exact=True).fill(sample(4))
    page.get_by_role("button", name="Score", exact=True).press("Enter")
    expect(page.locator(".heat")).to_be_visible()
    expect(page.get_by_role("button", name="Score", exact=True)).to_be_focused()
    page.goto(f"{served.url}/voices/nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("It is not here")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips the navigation
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="To the brand voices")).to_be_focused()


def test_what_is_seen_is_heard_as_well(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    add(api, 1, 2)
    page.goto(f"{served.url}/voices/mill-notes")
    heard = page.locator(".unseen[role=status]")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(heard).to_have_text("Trained", timeout=60_000)
    for chart, beginning in (
        ("Tone", "Tone, of 100"),
        ("Words in", "Words in a sentence, shares of all sentences: 0-4"),
    ):
        expect(page.get_by_role("img", name=chart)).to_have_attribute("aria-label", re.compile(f"^{beginning}.*[0-9]"))
    page.goto(f"{served.url}/voices/mill-notes/score")
    page.get_by_label("Text", exact=True).fill(sample(3))
    page.get_by_role("button", name="Score", exact=True).click()
    expect(heard).to_have_text(re.compile(r"^\d+% in this voice, grade [A-F]$"))


def test_text_from_right_to_left_ends_on_the_left(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    text = "كان الطقس جميلا في ذلك اليوم وخرج الناس إلى الشوارع."
    ends = """element => {
        const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode(), range = new Range();
        const left = at => {
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect().left;
        };
        return left(0) - left(text.length - 1);
    }"""
    api.patch("/voices/mill-notes", json={"name": text}).raise_for_status()
    api.post("/voices/mill-notes/samples", json={"content": f"{text} " * 12, "title": text}).raise_for_status()
    page.goto(f"{served.url}/voices/mill-notes")
    for place in (".page-title", ".entry-title"):
        assert page.locator(place).evaluate(ends) > 200, place
    field = page.get_by_label("A text in this voice")
    assert field.evaluate("element => getComputedStyle(element).unicodeBidi") == "plaintext"


@pytest.mark.parametrize("context", ["phone"], indirect=True)
def test_names_without_a_space_fit_a_phone(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    api.patch("/voices/mill-notes", json={"name": "M" * 100}).raise_for_status()
    api.post("/voices/mill-notes/samples", json={"content": sample(1), "title": "T" * 200}).raise_for_status()
    for path in ("/voices", "/voices/mill-notes", "/voices/mill-notes/score"):
        page.goto(served.url + path)
        expect(page.get_by_text("MMMM").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("context", ["phone"], indirect=True)
def test_menu_dialog_and_reasons_on_a_phone(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = trained(visit.page, served, api)
    page.get_by_role("button", name="Open the menu").press("Enter")
    expect(page.get_by_role("link", name="Write")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Write")).to_be_hidden()
    expect(page.get_by_role("button", name="Open the menu")).to_be_focused()
    page.get_by_role("button", name="Read:").first.click()
    expect(page.get_by_role("dialog", name=" ".join(sample(2).split())[:20])).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Score a text").click()
    words = "Why? Nobody (not even she) knew! " * 12
    page.get_by_label("Text", exact=True).fill(words)
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.locator(".judged[tabindex='0']").first).to_be_visible()
    widest = """sentences => Math.max(...sentences.map(sentence => {
        sentence.focus();
        return document.documentElement.scrollWidth;
    }))"""
    assert page.locator(".judged[tabindex='0']").evaluate_all(widest) <= 390
