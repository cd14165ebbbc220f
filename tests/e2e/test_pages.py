"""What a writer does in the browser."""

import re

import psycopg
import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Served, Visit
from tests.support.prose import paragraphs
from tests.support.scripted_openai import Failure, ScriptedThread, Silence

from blogai.db.database import LOCAL_OWNER


def write(page: Page, topic: str) -> None:
    page.get_by_label("Topic").fill(topic)
    page.get_by_role("button", name="Write", exact=True).click()


def wait_written(page: Page) -> None:
    expect(page.get_by_role("button", name="Copy")).to_be_visible(timeout=90_000)


def test_write_read_mark_download(visit: Visit) -> None:
    page = visit.page
    write(page, "Urban beekeeping for beginners")
    page.wait_for_url("**/runs/*")
    wait_written(page)
    expect(page.locator(".prose h1")).to_be_visible()
    assert page.locator(".prose h2").count() >= 3
    expect(page.locator(".text-foot")).to_contain_text("Words")
    expect(page.locator(".text-foot")).to_contain_text("Tokens")
    page.get_by_role("button", name="Mark as favourite").click()
    expect(page.locator("[aria-pressed=true]")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('# '))")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith(".md")
    page.reload()
    wait_written(page)


def test_wrong_topic_is_told_beside_the_field(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("Topic").fill("   ")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator(".topic .q-field__messages")).to_contain_text("topic")
    write(page, "x" * 501)
    expect(page.locator(".topic .q-field__messages")).to_contain_text("500")
    assert "/runs/" not in page.url


def test_stop_and_failure_are_told(visit: Visit, provider: ScriptedThread) -> None:
    page = visit.page
    provider.server.script.append(Silence())
    write(page, "A text that is never finished")
    while provider.server.script:  # a stop before the provider is asked would leave its silence to the next run
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Nothing was charged")).to_be_visible()
    provider.server.script.append(Failure(401, "bad key"))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Topic")).to_have_value("A text that is never finished")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was charged")


def test_a_closed_tab_loses_nothing(visit: Visit, served: Served) -> None:
    page = visit.page
    write(page, "A tab that is closed while it writes")
    page.wait_for_url("**/runs/*")
    run = page.url
    page.goto(served.url)
    page.goto(run)
    wait_written(page)


def test_history_search_edit_delete_undo(visit: Visit, served: Served) -> None:
    page = visit.page
    write(page, "Lighthouses of the north")
    wait_written(page)
    page.get_by_role("button", name="Mark as favourite").click()  # is no edit that the next one would have missed
    expect(page.locator("[aria-pressed=true]")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("Lighthouses, edited")
    page.get_by_label("Text (Markdown)").fill("# Lighthouses, edited\n\nThe quetzalcoatlus sentence.\n")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".prose h1")).to_have_text("Lighthouses, edited")
    page.get_by_role("link", name="History").click()
    search = page.get_by_label("Search")
    search.fill("words that nobody wrote")  # first, so that the entry below is one that was found
    expect(page.get_by_text("Nothing found")).to_be_visible()
    search.fill("quetzalcoatlus")
    expect(page.locator(".entry")).to_have_count(1)
    page.locator(".entry").get_by_role("button", name="Delete").click()
    expect(page.locator(".entry")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".entry")).to_have_count(1)
    page.get_by_role("link", name="Lighthouses, edited").click()
    page.wait_for_url("**/content/*")
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/history*")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Lighthouses, edited")).to_be_visible()


def test_history_by_tool_and_provider(visit: Visit, served: Served) -> None:
    page = visit.page
    with psycopg.connect(f"host={served.data}/postgres user=postgres dbname=blogai") as conn:
        conn.cursor().executemany(
            "insert into generated_content (tool_id, tool_name, inputs, output, title, provider, user_hash)"
            " values (%s, %s, '{}', 'text', %s, %s, %s)",
            [
                (f"tool-{name}", f"Tool {name}", f"Filtered {name}", f"provider-{name}", LOCAL_OWNER.user_hash)
                for name in ("one", "two")
            ],
        )
    page.get_by_role("link", name="History").click()
    entries = page.locator(".entry").filter(has_text="Filtered")
    expect(entries).to_have_count(2)
    for label, everything, one in (("Tool", "Any tool", "Tool one"), ("Provider", "Any provider", "provider-one")):
        page.get_by_role("combobox", name=label, exact=True).click()
        page.get_by_role("option", name=one).click()
        expect(page.locator(".entry")).to_have_count(1)
        expect(entries).to_contain_text("Filtered one")
        page.get_by_role("combobox", name=label, exact=True).click()
        page.get_by_role("option", name=everything).click()
        expect(entries).to_have_count(2)


def test_usage_counts_what_was_written(visit: Visit) -> None:
    page = visit.page
    write(page, "Something to count")
    wait_written(page)
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("meter", name="This month")).to_be_visible()
    assert int(page.locator(".meter .figure").first.inner_text()) >= 1
    expect(page.locator(".figures")).to_contain_text("Blog posts")
    expect(page.locator("canvas, svg").first).to_be_visible()


def test_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    expect(page.get_by_label("Topic")).to_be_focused()
    page.keyboard.type("Written without a mouse")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/runs/*")
    wait_written(page)


def test_theme_is_kept(visit: Visit) -> None:
    page = visit.page
    body = page.locator("body")
    expect(body).not_to_have_class(re.compile("body--dark"))
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(body).to_have_class(re.compile("body--dark"))
    page.get_by_role("button", name="Write", exact=True).click()  # an answer of the server, which draws the page again
    expect(page.locator(".topic .q-field__messages")).to_contain_text("topic")
    expect(body).to_have_class(re.compile("body--dark"))
    page.reload()
    expect(body).to_have_class(re.compile("body--dark"))


@pytest.mark.parametrize("context", ["phone"], indirect=True)
def test_phone_width_fits(visit: Visit) -> None:
    page = visit.page
    write(page, "A post on a phone")
    wait_written(page)
    for path in (page.url, "/", "/history", "/usage"):
        page.goto(path if path.startswith("http") else f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}{path}")
        expect(page.locator("#content")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.get_by_role("button", name="Open the menu").click()
    expect(page.get_by_role("link", name="Usage")).to_be_visible()


def test_what_is_not_there(visit: Visit, served: Served) -> None:
    page = visit.page
    for path in ("/runs/nothing", "/content/11111111-1111-4111-8111-111111111111"):
        page.goto(served.url + path)
        expect(page.get_by_text("It is not here")).to_be_visible()


def test_a_voice_from_samples_to_a_score(visit: Visit, served: Served) -> None:
    page = visit.page
    page.goto(f"{served.url}/voices")
    page.get_by_label("Name of a new voice").fill("Harbour news")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url("**/voices/harbour-news")
    for number in range(3):
        page.get_by_label("A text in this voice").fill(sample(number))
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator(".entry")).to_have_count(number + 1)
    page.get_by_label("A text in this voice").fill(sample(0))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".q-field__messages").first).to_contain_text("already")
    open_settings(page)
    page.get_by_label("Words to avoid").fill("leverage")
    page.get_by_label("How it sounds").fill("calm, salty")
    page.get_by_label("A paragraph that sounds right").fill(sample(9))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("What was learnt")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Score a text").click()
    page.get_by_label("Text", exact=True).fill(sample(4))
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.get_by_role("meter", name="Vocabulary")).to_be_visible()
    expect(page.locator(".judged").first).to_be_visible()
    page.get_by_label("Text", exact=True).fill(sample(4) + "\n\nWe leverage a new sentence, and nobody asked for it.")
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.get_by_text("Before and after")).to_be_visible()
    expect(page.locator(".compare ins")).to_contain_text("nobody asked")
    expect(page.locator(".meter").first).to_contain_text("before")
    page.get_by_role("link", name="leverage").click()
    expect(page.locator("mark:target")).to_have_text("leverage")
    page.goto(f"{served.url}/")
    page.get_by_label("Brand voice").click()
    page.get_by_role("option", name="Harbour news").click()
    page.get_by_label("Rewriting").click()
    page.get_by_role("option", name="One round towards the voice").click()
    write(page, "A morning at the harbour")
    wait_written(page)
    expect(page.get_by_role("heading", name="In the voice Harbour news")).to_be_visible()
    expect(page.locator(".rounds")).to_contain_text("Draft: ")
    page.get_by_role("link", name="Sentence by sentence").click()
    expect(page.locator(".judged").first).to_be_visible()
    expect(page.get_by_role("button", name="Score", exact=True)).not_to_be_focused()
    text = page.get_by_label("Text", exact=True)
    assert text.input_value().startswith("# ")
    text.fill(f"{text.input_value()}\n\nThis was typed at once.")
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.locator(".heat")).to_contain_text("This was typed at once.")
    page.goto(f"{served.url}/voices/harbour-news")
    open_settings(page)
    expect(page.get_by_label("A paragraph that sounds right")).to_have_value(sample(9))
    page.get_by_label("Short name").fill("Not A Slug")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".q-field--error .q-field__messages")).to_contain_text("lower-case")
    page.get_by_label("Short name").fill("harbour")
    page.get_by_role("switch", name="In use").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/voices/harbour")
    page.goto(f"{served.url}/voices")
    expect(page.get_by_text("Switched off")).to_be_visible()
    page.goto(f"{served.url}/")
    expect(page.get_by_label("Topic")).to_be_visible()
    expect(page.get_by_label("Brand voice")).to_be_hidden()


def open_settings(page: Page) -> None:
    """Opens them and waits until they stand still: a button that moves away under the pointer is not pressed."""
    page.get_by_text("Settings").click()
    page.wait_for_function(
        "([area]) => area.offsetHeight > 0 && area.style.height === ''",
        arg=[page.locator(".settings .q-expansion-item__content").element_handle()],
    )


def sample(number: int) -> str:
    """A text of about 160 words, different for each number."""
    return "\n\n".join(paragraphs(f"harbour {number} {part}", words=80) for part in range(2))
