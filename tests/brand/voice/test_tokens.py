"""Prose, tokens, sentences."""

import pytest

from blogai.brand.voice.tokens import normalise, prose, sentences, words


def test_prose_keeps_every_offset() -> None:
    text = "---\ntitle: x\n---\n# Head\n\nKeep `word` and `a = b`, see [this](https://a.b/c)."
    text += "\n\n```\ncode\n```\n<b>bold</b> 🎉 end."
    clean = prose(text)
    assert len(clean) == len(text)
    assert clean.split() == ["Keep", "word", "and", ",", "see", "[this]", ".", "bold", "end."]


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


def test_words_of_any_script() -> None:
    assert words("It's well-known: größer, Москва, 日本 ٣ 42") == ["It's", "well-known", "größer", "Москва", "日", "本"]


def test_long_runs_of_blanks_cost_no_more_than_their_length() -> None:
    assert normalise("a" + " " * 400_000 + "b — c -- d") == "a b—c—d"
