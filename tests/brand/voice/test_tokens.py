"""Prose, tokens, sentences."""

import pytest

from blogai.brand.voice.tokens import normalise, prose, sentences, words


def test_prose_keeps_every_offset() -> None:
    text = "---\ntitle: x\n---\n# Head\n\nKeep `word` and `a = b`, see [this](https://a.b/c)."
    text += "\n\n```\ncode\n```\n<b>bold</b> 🎉 end."
    clean = prose(text)
    assert len(clean) == len(text)
    assert clean.split() == ["Keep", "word", "and", ",", "see", "[this]", ".", "bold", "end."]


@pytest.mark.parametrize("end", ["\n", "\r\n", "  \n"])
def test_front_matter_is_no_prose_however_lines_end(end: str) -> None:
    assert prose(end.join(["---", "title: A word", "---", "Body."])).split() == ["Body."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It’s”  –  fine…", '"It\'s"—fine...'),
        ("one\r\ntwo\r\n\r\nthree", "one two\n\nthree"),
        ("cost-benefit -- yes", "cost-benefit—yes"),
        ("a\x02b", "a b"),
    ],
)
def test_typography_is_made_equal(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mr. Smith met Dr. Jones, e.g. at noon. They left.", 2),
        ("Version 3.5 is out. Really? Yes!", 3),
        ("no capitals here. still two sentences.", 2),
        ("今日は。明日は！", 2),
        ("Первое. Второе.", 2),
        ("هل هذا جيد؟ نعم.", 2),
        ("first paragraph without a stop\n\nsecond", 2),
        ("... --- !!!", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    found = sentences(text)
    assert len(found) == count
    assert all(text[s.start : s.end] == s.text for s in found)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We shipped [the parser](https://a.example/some/long-path/x.html) today.", 5),
        ("We shipped [the parser](/a_(b)) [today][day-one], see https://a.example/b-c/d.", 6),
        ('Read <a href="/a/long/way">the <b>bold</b> part</a> now.', 5),
        ("It is <your word here>!", 5),
        ("A list [of] words [x].", 5),
        ("See [a (b)](c) and ![an image](d.png) end.", 5),
    ],
)
def test_what_is_read_of_a_sentence(text: str, count: int) -> None:
    (found,) = sentences(text)
    assert len(found.words) == count


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('We shipped [the\nparser](https://a.example/b_(c) "Title").', "We shipped the parser."),
        ("See [this][1], [That] and [those][].\n\n[1]: /a\n[that]: /b\n[those]: /c", "See this, That and those."),
        ("A note[^1], and another [^two].\n\n[^1]: Never read.", "A note, and another."),
        ("[![A badge](i.png)](/u) ![An image](i.png) Words.", "Words."),
        ("`[a](b)` stays code, [X] and [so on]( stay marks.", "stays code, [X] and [so on]( stay marks."),
        ("[One paragraph\n\nand another](b)", "[One paragraph\n\nand another]"),
    ],
)
def test_of_a_link_just_its_words_are_read(text: str, read: str) -> None:
    assert normalise(text) == read


def test_words_of_any_script() -> None:
    assert words("It's well-known: größer, Москва, 日本 ٣ 42") == ["It's", "well-known", "größer", "Москва", "日", "本"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<pre>a</pre> b <pre>c", "b c"),
        ("<!-- a --> b <!-- c", "b <!-- c"),
        ("<!--> a", "<!--> a"),
        ("![a](b) c ![d] ![e](f", "c ![d] ![e](f"),
        ("write to a.b@c.de+f@g.hi now", "write to now"),
        ("``` a", "a"),
        ("a___b ___c __d__", "a___b c d"),
        ("Stop!!x and!) go", "Stop!!x and!) go"),
    ],
)
def test_what_has_no_end_is_prose(text: str, left: str) -> None:
    assert " ".join(prose(text).split()) == left


HOSTILE = [
    "<!-- ",
    "<pre>",
    "<script ",
    "![",
    "![](",
    "`",
    "```\n",
    "~",
    "a_",
    "x.",
    "x@",
    "](a",
    "[a](b ",
    "[a](b(c",
    "[![",
    "[^",
    "[a]\n",
    "|a",
    "!",
    "!)",
    "- ",
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("before", ["--> </pre> `a` ", "---\n"])
def test_markup_without_an_end_costs_no_more_than_its_length(piece: str, before: str) -> None:
    """Each would take minutes if every beginning were followed to the end of the text."""
    text = before + piece * (100_000 // len(piece)) + "x"
    assert len(prose(text)) == len(text)
    sentences(text)
    normalise(text + " ]( ]: ")


@pytest.mark.parametrize("text", ["a" + "_" * 300_000 + "a `b`", "<b>" + "!" * 300_000 + "x"])
def test_long_runs_of_a_sign_cost_no_more_than_their_length(text: str) -> None:
    assert len(sentences(text)) == 1


def test_long_runs_of_blanks_cost_no_more_than_their_length() -> None:
    assert normalise("a" + " " * 400_000 + "b — c -- d") == "a b—c—d"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("आज हमने नया संस्करण जारी किया है।", 7),
        ("আজ আমরা নতুন সংস্করণ প্রকাশ করেছি।", 6),
        ("இன்று நாங்கள் புதிய பதிப்பை வெளியிட்டோம்.", 5),
        ("نسخهٔ جدید را منتشر می\u200cکنیم.", 5),
        ("הַיּוֹם הוֹצֵאנוּ גִּרְסָה חֲדָשָׁה.", 4),
        ("오늘 우리는 새 버전을 출시했습니다.", 5),
        ("วันนี้ดี", 4),  # letters with their marks, as words are not parted
        ("ថ្ងៃនេះ។", 3),
        ("We re\u00adleased\u200b it\u200e to\u200bday\ufeff.", 4),
    ],
)
def test_words_keep_their_marks(text: str, count: int) -> None:
    assert len(words(normalise(text))) == count
    assert [len(s.words) for s in sentences(text)] == [count]


def test_marks_of_no_width_are_no_punctuation() -> None:
    assert normalise("\ufeffWe re\u00adleased\u200b \u202eit\u202c.") == "We released it."


@pytest.mark.parametrize("stop", "。！؟۔।။។።։")
def test_sentences_end_with_the_stop_of_their_script(stop: str) -> None:
    assert len(sentences(f"Abc def{stop} Ghi jkl{stop}")) == 2
