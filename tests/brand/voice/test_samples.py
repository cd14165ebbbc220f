"""Every refusal of the pure measure names the field and the remedy."""

from typing import Any

import pytest

from blogai.brand import voice
from blogai.brand.voice import samples
from blogai.errors import InvalidInput

from .writing import post, posts

_CODE = "```python\n" + "x = parse(open('a.txt'))\nfor line in x: print(line)\n" * 20 + "```"
_LINKS = "\n".join(f"https://example.org/a/page-{i}.html" for i in range(40))
_LIST = "\n".join(f"- [Page {i}](https://example.org/a/{i})" for i in range(40))


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("", "empty"),
        ("   \n\t ", "empty"),
        ("Word", "1 words"),
        (_CODE, "only code, links or markup"),
        (_LINKS, "only code, links or markup"),
        (_LIST, "only code, links or markup"),
        ("abc\x00def " * 60, "binary"),
        ("\ufffd\ufffd\ufffdabc " * 60, "binary"),
        (b"bytes", "not text"),
        (None, "not text"),
        ("Half a character \ud83d is left of it. " * 5, "half a character"),
        ("word " * 500_001, "characters"),
    ],
)
def test_bad_sample_is_named(sample: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        voice.train([post("plain", 1), post("plain", 2), sample])
    assert caught.value.field == "samples[2]"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "no samples"),
        ([post("plain", 1)], "One sample alone"),
        ("one long string", "list of texts"),
        (7, "list of texts"),
        ([post("plain", 1), post("plain", 2), post("plain", 1)], r"samples\[2\] repeats samples\[0\]"),
    ],
)
def test_bad_set_of_samples_is_refused(samples: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        voice.train(samples)
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "one", _CODE, _LINKS, "abc\x00def " * 60, None])
def test_bad_text_is_refused(text: Any) -> None:
    fingerprint = voice.train(posts("plain", 2))
    with pytest.raises(InvalidInput) as caught:
        voice.score(fingerprint, text)
    assert caught.value.field == "text"


def test_text_in_another_language_is_refused() -> None:
    fingerprint = voice.train(posts("plain", 2))
    german = "Die Maschine läuft über Nacht weiter und größere Aufgaben warten bis zum frühen Morgen. " * 4
    with pytest.raises(InvalidInput, match="another language") as caught:
        voice.score(fingerprint, german)
    assert caught.value.field == "text"
    with pytest.raises(InvalidInput, match="or in no sentences"):
        voice.score(fingerprint, "bread butter milk flour sugar salt " * 8)
    with pytest.raises(InvalidInput, match="another language"):
        voice.assess(fingerprint, "Сегодня мы выпустили новую версию, и она работает быстрее, чем прежняя версия.")


def test_half_a_character_is_no_question_mark() -> None:
    fingerprint, text = voice.train(posts("plain", 2)), post("plain", 7)
    voice.score(fingerprint, text + " ?")  # known from now on
    with pytest.raises(InvalidInput, match="half a character"):
        voice.score(fingerprint, text + " \udc80")


@pytest.mark.parametrize("piece", ["[", "[a](b ", "[a](", "[a](b(c"])
def test_links_without_an_end_cost_no_more_than_their_length(piece: str) -> None:
    """Each would take minutes if every beginning were followed to the end of the text."""
    text = piece * (200_000 // len(piece)) + "\n\n" + post("plain", 8)
    assert samples.readable(text, "text", 10).words
