"""Samples: counted, listed, refused when they are no prose or known already, and out of a stranger's reach."""

import asyncio
import io
import re
import zipfile
from uuid import uuid4

import docx
import pytest
from tests.brand.conftest import STRANGER
from tests.support.voices import chatty, stiff

from blogai.brand import reading
from blogai.brand import samples as module
from blogai.brand.models import Profile
from blogai.brand.samples import Samples
from blogai.brand.service import Profiles
from blogai.db.database import LOCAL_OWNER
from blogai.errors import Conflict, InvalidInput, NotFound
from blogai.web.markdown import EXCERPT

PAGE = """<!doctype html><html><head><title>Bees on roofs</title></head><body>
<nav><a href="/">Home</a> <a href="/shop">Shop</a></nav><article><h1>Bees on roofs</h1>{paragraphs}</article>
<footer>All rights reserved</footer><script>alert("x")</script></body></html>"""


def html(seed: int) -> str:
    return PAGE.format(paragraphs="".join(f"<p>{part}</p>" for part in stiff(seed).split("\n\n")))


def word_file(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


async def test_a_text_becomes_a_sample(samples: Samples, profile: Profile, profiles: Profiles) -> None:
    text = chatty(1)
    made = await samples.add(LOCAL_OWNER, profile.id, f"\n {text} ", title=" First ", content_type="blog", primary=True)
    assert (made.title, made.content_type, made.is_primary_example) == ("First", "blog", True)
    assert made.word_count == pytest.approx(len(text.split()), rel=0.1)
    assert (made.is_analyzed, made.quality_score, made.excerpt) == (False, 0.0, text[:EXCERPT])
    assert (await samples.get(LOCAL_OWNER, profile.id, made.id)).content == text
    changed = await samples.set_primary(LOCAL_OWNER, profile.id, made.id, False)
    assert not changed.is_primary_example
    assert (await profiles.get(LOCAL_OWNER, profile.id)).sample_count == 1
    await samples.delete(LOCAL_OWNER, profile.id, made.id)
    assert (await profiles.get(LOCAL_OWNER, profile.id)).sample_count == 0
    with pytest.raises(NotFound):
        await samples.get(LOCAL_OWNER, profile.id, made.id)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("short", "characters"),
        ("x " * 25_001, "characters"),
        ("Only five words are here.", "words"),
        ("```\n" + "value = compute(value)\n" * 40 + "```", "only code, links"),
        ("def half(value):\n    return value / 2  # rounded later on\n" * 20, "code, not prose"),
        ("https://example.org/a " * 40, "only code, links"),
        ("- [A page](https://example.org/a)\n" * 40, "only code, links"),
        ("```\n" + "x\n" * 40 + "```\nOnly this is prose, and it is short.", "only code, links"),
        ("\x00\x01\x02\x03 binary" * 20, "binary"),
        ("Half a character \ud800 " * 10, "half a character"),
    ],
)
async def test_no_prose_is_refused(samples: Samples, profile: Profile, content: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=f"(?i){says}") as caught:
        await samples.add(LOCAL_OWNER, profile.id, content)
    assert caught.value.field == "content"
    assert caught.value.remedy
    assert (await samples.page(LOCAL_OWNER, profile.id)).items == []


async def test_kind_and_title_are_checked(samples: Samples, profile: Profile) -> None:
    with pytest.raises(InvalidInput, match="no kind of sample"):
        await samples.add(LOCAL_OWNER, profile.id, chatty(1), content_type="poem")
    with pytest.raises(InvalidInput, match="control"):
        await samples.add(LOCAL_OWNER, profile.id, chatty(1), title="a\x07b")


async def test_the_same_text_is_refused_however_it_is_spaced(samples: Samples, profile: Profile) -> None:
    text = chatty(1)
    first = await samples.add(LOCAL_OWNER, profile.id, text)
    with pytest.raises(Conflict, match="already") as caught:
        await samples.add(LOCAL_OWNER, profile.id, text.upper().replace(" ", "   "))
    assert caught.value.details["sample_id"] == str(first.id)


async def test_of_the_same_text_at_the_same_time_one_is_kept(samples: Samples, profile: Profile) -> None:
    made = await asyncio.gather(
        *(samples.add(LOCAL_OWNER, profile.id, chatty(1)) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in made) == 3


GERMAN = "Die Maschine läuft über Nacht weiter und größere Aufgaben warten bis zum frühen Morgen. " * 4
RUSSIAN = "Сегодня мы выпустили новую версию, и она работает быстрее, чем прежняя. " * 4


@pytest.mark.parametrize("foreign", [GERMAN, RUSSIAN], ids=["words", "script"])
async def test_a_sample_in_another_language_than_the_others_is_refused(
    samples: Samples, profile: Profile, foreign: str
) -> None:
    await samples.add(LOCAL_OWNER, profile.id, chatty(1))
    with pytest.raises(InvalidInput, match="another language") as caught:
        await samples.add(LOCAL_OWNER, profile.id, foreign)
    assert (caught.value.field, caught.value.remedy) == ("content", "Make a voice for each language.")
    assert len((await samples.page(LOCAL_OWNER, profile.id)).items) == 1


async def test_a_profile_takes_so_many_samples(
    samples: Samples, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SAMPLES", 2)
    for seed in range(2):
        await samples.add(LOCAL_OWNER, profile.id, chatty(seed))
    with pytest.raises(Conflict, match="2 samples"):
        await samples.add(LOCAL_OWNER, profile.id, chatty(9))


async def test_files_of_each_kind(samples: Samples, profile: Profile) -> None:
    markdown = f"---\ntitle: x\n---\n# Bees on roofs\n\n{stiff(1)}"
    files = {
        "a.txt": stiff(2).encode(),
        "b.md": markdown.encode(),
        "c.docx": word_file(*stiff(3).split("\n\n")),
        "d.html": html(4).encode(),
        "e.txt": stiff(5).encode("utf-16"),
    }
    made = {name: await samples.add_file(LOCAL_OWNER, profile.id, name, content) for name, content in files.items()}
    assert made["a.txt"].title == "a.txt"
    assert (await samples.add_file(LOCAL_OWNER, profile.id, "-.txt", stiff(6).encode(), titled=False)).title is None
    assert made["b.md"].title == made["d.html"].title == "Bees on roofs"
    assert (await samples.get(LOCAL_OWNER, profile.id, made["c.docx"].id)).content == stiff(3)
    assert (await samples.get(LOCAL_OWNER, profile.id, made["e.txt"].id)).content == stiff(5)
    page = (await samples.get(LOCAL_OWNER, profile.id, made["d.html"].id)).content
    assert stiff(4).split("\n\n")[0] in page
    assert not {"Shop", "alert", "rights"} & set(page.split())


def test_the_title_of_a_page_in_markdown() -> None:
    for line, title in (("# Bees  ##", "Bees"), ("#  A # b", "A # b"), ("# ##", None), ("## Bees", None)):
        assert reading.text_of_file("a.md", f"Before\n{line}\nafter".encode())[1] == title
    assert reading.text_of_file("a.md", b"# a" + b" " * 400_000 + b"b")[1] is not None  # in no time at all


def repacked(**parts: str) -> bytes:
    """A Word document with other parts; dots and slashes of their names are underscores."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file(stiff(1)))) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, parts.get(re.sub(r"[./]", "_", name), old.read(name)))
    return target.getvalue()


def flagged(at: tuple[int, int], value: int) -> bytes:
    """A Word document with a byte of every local and every central header changed."""
    content = bytearray(word_file(stiff(1)))
    for mark, offset in zip((b"PK\x03\x04", b"PK\x01\x02"), at, strict=True):
        for found in re.finditer(re.escape(mark), bytes(content)):
            content[found.start() + offset] = value
    return bytes(content)


def cut() -> bytes:
    content = bytearray(word_file(stiff(1)))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        begin = archive.getinfo("word/document.xml").header_offset + 80
    content[begin : begin + 200] = b"\xff" * 200
    return bytes(content)


WORDS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DAMAGED = {
    "no body": repacked(word_document_xml=f"<w:document {WORDS}/>"),
    "another document": repacked(word_document_xml="<a/>"),
    "no relations": repacked(_rels__rels="<a/>"),
    "password": flagged((6, 8), 1),
    "packing": flagged((8, 10), 99),
    "bytes": cut(),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_word_documents_are_refused(damage: str) -> None:
    with pytest.raises(InvalidInput, match="no Word document") as caught:
        reading.text_of_file("a.docx", DAMAGED[damage])
    assert (caught.value.field, bool(caught.value.remedy)) == ("file", True)


@pytest.mark.parametrize("root", ["svg", "math", "canvas", "label"])
def test_pages_that_are_no_page_are_refused(root: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reading.text_of_file("a.html", f"<{root}>{html(1)}</{root}>".replace("<!doctype html>", "").encode())
    assert (caught.value.field, bool(caught.value.remedy)) == ("file", True)


def test_long_documents_are_refused_before_all_is_read() -> None:
    many = f"<w:document {WORDS}><w:body>{'<w:p/>' * (reading.MOST_TEXT // 2 + 1)}</w:body></w:document>"
    for name, content in (("a.docx", repacked(word_document_xml=many)), ("a.html", b"<b>" * (reading.MOST_TAGS + 1))):
        with pytest.raises(InvalidInput, match="more than") as caught:
            reading.text_of_file(name, content)
        assert caught.value.field == "file"


async def test_titles_as_documents_have_them(samples: Samples, profile: Profile) -> None:
    emoji = "Bees 👩\u200d🌾 \u00adon"
    turned = "bees\u202efdp.\u2066txt"
    for given, kept in (("Bees\xa0on\n roofs", "Bees on roofs"), (emoji, emoji), (turned, "beesfdp.txt")):
        made = await samples.add(LOCAL_OWNER, profile.id, chatty(len(kept)), title=given)
        assert made.title == kept


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\x00" * (reading.MOST_UNPACKED + 1))
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"%PDF", "kind"),
        ("a", b"text", "kind"),
        ("a.txt", b"", "empty"),
        ("a.txt", b"caf\xe9 " * 30, "UTF-8"),
        ("a.txt", b"word\x00 " * 30, "binary"),
        ("a.txt", b"x" * (reading.MOST_BYTES + 1), "bytes"),
        ("a.docx", b"no archive", "no Word document"),
        ("a.docx", b"PK\x05\x06" + b"\x00" * 18, "no Word document"),
        ("a.docx", bomb(), "too large"),
        ("a.docx", word_file(), "no text"),
        ("a.html", b"<html><body><nav></nav></body></html>", "No article"),
    ],
)
async def test_files_that_are_refused(samples: Samples, profile: Profile, name: str, content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        await samples.add_file(LOCAL_OWNER, profile.id, name, content)
    assert caught.value.field == "file"
    assert caught.value.remedy


async def test_pages_of_samples(samples: Samples, profile: Profile) -> None:
    made = [(await samples.add(LOCAL_OWNER, profile.id, chatty(seed))).id for seed in range(3)]
    first = await samples.page(LOCAL_OWNER, profile.id, limit=2)
    rest = await samples.page(LOCAL_OWNER, profile.id, limit=2, cursor=first.next)
    assert [item.id for item in [*first.items, *rest.items]] == made[::-1]
    assert rest.next is None


async def test_a_stranger_reaches_nothing(samples: Samples, profile: Profile) -> None:
    own = await samples.add(LOCAL_OWNER, profile.id, chatty(1))
    for attempt in (
        samples.add(STRANGER, profile.id, chatty(2)),
        samples.add_urls(STRANGER, profile.id, ["https://example.org/"]),
        samples.page(STRANGER, profile.id),
        samples.get(STRANGER, profile.id, own.id),
        samples.set_primary(STRANGER, profile.id, own.id, True),
        samples.delete(STRANGER, profile.id, own.id),
        samples.delete(LOCAL_OWNER, uuid4(), own.id),
        samples.delete(LOCAL_OWNER, profile.id, uuid4()),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert len((await samples.page(LOCAL_OWNER, profile.id)).items) == 1
