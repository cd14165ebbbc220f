"""Brand voices in the browser where something is refused, deleted elsewhere or interrupted."""

import httpx
import psycopg
from playwright.sync_api import FilePayload, Page, expect
from tests.e2e.conftest import Served, Visit
from tests.e2e.test_pages import open_settings, sample, wait_written
from tests.e2e.voices import add, trained


def upload(page: Page, *files: tuple[str, str]) -> None:
    payloads = [FilePayload(name=name, mimeType="text/plain", buffer=text.encode()) for name, text in files]
    page.locator("input[type=file]").set_input_files(payloads)


def test_each_refused_file_and_address_is_told_by_name(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    page.goto(f"{served.url}/voices/mill-notes")
    refused = page.locator(".refused li")
    page.get_by_role("tab", name="Files").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").press("Enter")
    assert chooser.value.is_multiple()
    upload(page, ("one.txt", sample(1)), ("short.txt", "Too short."), ("two.md", sample(2)), ("copy.txt", sample(1)))
    expect(page.locator(".entry")).to_have_count(2)
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("short.txt: The text has 2 words")
    expect(refused.nth(1)).to_contain_text("copy.txt: The profile has this text already")
    expect(page.locator(".q-uploader__list")).to_have_text("")
    upload(page, ("report.pdf", "%PDF"))
    expect(refused).to_have_text(["report.pdf: Files of this kind are not read. Use txt, md, docx or html."])
    page.get_by_role("tab", name="Web pages").click()
    page.get_by_label("Addresses").fill(f"{served.url}/\nnonsense")
    page.get_by_role("button", name="Fetch").click()
    expect(refused.nth(0)).to_contain_text("127.0.0.1 is not on the public internet")
    expect(refused.nth(1)).to_have_text("nonsense is no web address. Begin it with https:// or http://.")
    expect(page.get_by_label("Addresses")).to_have_value(f"{served.url}/\nnonsense")


def test_what_another_tab_deleted_is_told(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    ids = add(api, 1, 2, 3)
    page.goto(f"{served.url}/voices/mill-notes")
    entries, told = page.locator(".entry"), page.locator(".q-notification")
    expect(entries).to_have_count(3)
    page.get_by_role("button", name="Read").first.click()
    expect(page.get_by_role("dialog")).to_contain_text(sample(3).split("\n")[-1])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    api.delete(f"/voices/mill-notes/samples/{ids[2]}").raise_for_status()
    page.get_by_role("button", name="Show it to models first").first.click()  # the newest comes first
    expect(told).to_contain_text("There is no such sample.")
    expect(entries).to_have_count(2)
    page.get_by_role("button", name="Delete:").first.click()
    expect(entries).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(entries).to_have_count(2)
    open_settings(page)
    page.get_by_label("Name", exact=True).fill("Mill & lane")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mill & lane")
    api.delete("/voices/mill-notes").raise_for_status()
    page.get_by_role("button", name="Make default").click()
    expect(told.last).to_contain_text("There is no such brand profile")
    page.get_by_role("button", name="Delete this voice").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_url("**/voices")


def test_settings_change_what_was_changed_in_this_tab(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    page.goto(f"{served.url}/voices/mill-notes")
    open_settings(page)
    expect(page.get_by_label("Readers")).to_have_value("")
    api.patch("/voices/mill-notes", json={"avoid_words": ["geese, and"], "name": "Mill letters"}).raise_for_status()
    page.get_by_label("Readers").fill("Bakers")
    page.get_by_label("Readers").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mill letters")
    found = api.get("/voices/mill-notes").json()
    assert (found["target_audience"], found["avoid_words"]) == ("Bakers", ["geese, and"])
    for name in ("Mill news", "Mill notes"):
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Name", exact=True).press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_typed_text_outlives_what_happens_meanwhile(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    page.goto(f"{served.url}/voices/mill-notes")
    text, add_button = page.get_by_label("A text in this voice"), page.get_by_role("button", name="Add", exact=True)
    text.fill(sample(1))
    # The answer is held back until the next text is typed.
    page.evaluate(
        "const fill = window.blogaiFill; window.blogaiFill = (...given) => setTimeout(() => fill(...given), 1500)"
    )
    add_button.click()
    text.fill("The next text.")
    expect(page.locator(".entry")).to_have_count(1)
    page.wait_for_timeout(2_000)
    expect(text).to_have_value("The next text.")
    page.reload()
    expect(text).to_have_value("The next text.")
    page.goto(f"{served.url}/voices")
    page.go_back()
    expect(text).to_have_value("The next text.")
    add_button.click()
    expect(page.locator(".panel .q-field__messages")).to_contain_text("The text has 3 words")
    text.fill(sample(2))
    add_button.click()
    expect(text).to_have_value("")
    expect(page.locator(".entry")).to_have_count(2)
    page.reload()
    expect(page.locator(".entry")).to_have_count(2)
    expect(text).to_have_value("")


def test_an_undo_that_fails_can_be_tried_again(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    add(api, 1)
    page.goto(f"{served.url}/voices/mill-notes")
    page.get_by_role("button", name="Delete:").click()
    expect(page.locator(".entry")).to_have_count(0)
    (again,) = add(api, 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".q-notification")).to_contain_text("The profile has this text already")
    api.delete(f"/voices/mill-notes/samples/{again}").raise_for_status()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".entry")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_texts_that_are_too_long_are_told_their_limit(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    add(api, 1, 2)
    page.goto(f"{served.url}/voices/mill-notes")
    page.get_by_role("button", name="Make default").click()
    expect(page.get_by_text("applies to posts once it is trained")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("What was learnt")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("applies to posts once")).to_have_count(0)
    page.evaluate("text => navigator.clipboard.writeText(text)", "More than a message may carry. " * 40_000)
    for path, field, button, limit in (
        ("", "A text in this voice", "Add", "50,000"),
        ("/score", "Text", "Score", "200,000"),
    ):
        page.goto(f"{served.url}/voices/mill-notes{path}")
        page.get_by_label(field, exact=True).focus()
        page.keyboard.press("Control+V")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".q-field__messages").first).to_contain_text(limit)


def test_a_training_whose_program_is_gone_can_be_begun_again(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = visit.page
    add(api, 1, 2)
    with psycopg.connect(f"host={served.data}/postgres user=postgres dbname=blogai") as conn:
        conn.execute("set session_replication_role = replica")  # no trigger that sets updated_at
        conn.execute(
            "update public.brand_profiles set training_status = 'analyzing', updated_at = now() - interval '3 minutes'"
            " where slug = 'mill-notes'"
        )
    page.goto(f"{served.url}/voices/mill-notes/score")
    expect(page.get_by_text("no text can be scored")).to_be_visible()
    page.get_by_role("link", name="Samples and training").click()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("What was learnt")).to_be_visible(timeout=60_000)


def test_scores_of_two_texts_are_not_compared(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = trained(visit.page, served, api)
    page.get_by_role("button", name="Score a text").click()
    score = page.get_by_role("button", name="Score", exact=True)
    other = "Nobody asked the miller why her geese had gone to sea, and she never said a word about it to anybody."
    for text, before in ((sample(4), 0), (other, 0), (f"{other} Not even once.", 1)):
        page.get_by_label("Text", exact=True).fill(text)
        score.click()
        expect(page.locator(".heat")).to_have_text(text)
        expect(page.get_by_text("Before and after")).to_have_count(before)
    api.patch("/voices/mill-notes", json={"avoid_words": ["leverage"]}).raise_for_status()
    page.reload()
    page.get_by_label("Text", exact=True).fill(f"# How to leverage geese\n\n{other} She sold it to Leverage Mills.")
    score.click()
    expect(page.get_by_text("Leverage: part of the name Leverage Mills")).to_be_visible()
    page.get_by_role("link", name="leverage", exact=True).click()
    expect(page.locator("mark:target")).to_have_text("leverage")
    page.get_by_label("Text", exact=True).fill(f"{other} They leverage a mill, then leverage another.")
    score.click()
    page.get_by_role("link", name="leverage, 2 of 2", exact=True).click()
    expect(page.locator("mark:target")).to_have_count(1)
    assert page.locator("mark").last.evaluate("mark => mark.matches(':target')")
    page.get_by_label("Text", exact=True).fill("")
    score.click()
    expect(page.locator(".q-field__messages")).to_contain_text("empty")
    expect(page.locator(".heat")).to_have_count(0)


def test_the_default_voice_is_chosen_among_many(visit: Visit, served: Served, api: httpx.Client) -> None:
    page = trained(visit.page, served, api)
    page.get_by_role("button", name="Make default").click()
    expect(page.get_by_role("button", name="Default voice")).to_be_visible()
    names = [f"Later {number}" for number in range(100)]
    later = [api.post("/voices", json={"name": name}).raise_for_status().json()["id"] for name in names]
    find_among_many(page, served)
    page.goto(served.url)
    expect(page.get_by_label("Brand voice")).to_have_value("Mill notes")
    page.get_by_label("Rewriting").click()
    expect(page.get_by_label("Good enough at")).to_be_hidden()
    page.get_by_role("option", name="Up to two rounds").click()
    page.get_by_label("Good enough at").click()
    page.get_by_role("option", name="90% in voice").click()
    page.get_by_label("Topic").fill("Geese at sea")
    page.get_by_role("button", name="Write", exact=True).click()
    page.wait_for_url("**/runs/*")
    wait_written(page)  # a page that is left while it loads complains
    page.goto(f"{served.url}/?again={page.url.rsplit('/', 1)[1]}")
    expect(page.get_by_label("Topic")).to_have_value("Geese at sea")
    expect(page.get_by_label("Rewriting")).to_have_value("Up to two rounds")
    expect(page.get_by_label("Good enough at")).to_have_value("90% in voice")
    api.patch("/voices/mill-notes", json={"is_default": False}).raise_for_status()
    page.goto(served.url)
    expect(page.get_by_label("Brand voice")).to_have_value("No voice")
    page.get_by_label("Brand voice").click()
    page.get_by_role("option", name="Mill notes").click()
    expect(page.get_by_label("Brand voice")).to_have_value("Mill notes")
    for voice in later:
        api.delete(f"/voices/{voice}").raise_for_status()


def find_among_many(page: Page, served: Served) -> None:
    """The list of 101 voices, with and without a search."""
    page.goto(f"{served.url}/voices")
    titles = page.locator(".entry-title")
    expect(titles).to_have_count(20)
    expect(titles.first).to_have_text("Mill notes")
    page.get_by_role("button", name="Show more").press("Enter")
    expect(titles).to_have_count(40)
    expect(titles.nth(20)).to_be_focused()
    page.get_by_label("Search").fill("98 LATER")
    expect(titles).to_have_text(["Later 98"])
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    expect(page.get_by_role("status")).to_have_text("1 found")
    page.get_by_label("Search").fill("nobody")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_label("Search").fill("")
    expect(titles).to_have_count(20)
    page.goto(f"{served.url}/voices?search=notes")
    expect(titles).to_have_text(["Mill notes"])
    expect(page.get_by_label("Search")).to_have_value("notes")
