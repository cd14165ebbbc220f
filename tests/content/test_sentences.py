"""Sentences and words, whole and in pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blogai.content.sentences import SentenceSplitter, count_words, ends_sentence, split, words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One two, three.", 3),
        ("Don't re-use 3.5 kg — ever!", 5),
        ("# A *bold* heading", 3),
        ("تربية النحل في المدينة", 4),
        ("都市養蜂", 4),
        ("🐝 🏙️", 0),
    ],
)
def test_words_are_counted_in_any_script(text: str, count: int) -> None:
    assert count_words(text) == count


def test_words_compare_without_case_and_typography() -> None:
    assert words("It’s HERE") == words("it's here")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("He met Dr. Smith at 5.30 p.m. in town. Fine.", ["He met Dr. Smith at 5.30 p.m. in town.", "Fine."]),
        ('"Is it so?" she asked. Yes.', ['"Is it so?" she asked.', "Yes."]),
        ("It costs $3.5 (a lot). U.S. law applies.", ["It costs $3.5 (a lot).", "U.S. law applies."]),
        ("One.\n\nTwo without an end", ["One.", "Two without an end"]),
        ("A heading\nA sentence.", ["A heading", "A sentence."]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("", []),
    ],
)
def test_text_is_split_into_sentences(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@pytest.mark.parametrize(
    "text", ["Done.", 'She said "done."', "Really?!", "**Done.**", "(Done.)", "终。", "نعم؟", "Wait…"]
)
def test_whole_endings(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", "Not done", "and then,", "such as:", '"', "3.5 kg"])
def test_broken_endings(text: str) -> None:
    assert not ends_sentence(text)


def test_a_sentence_tells_whether_it_begins_a_paragraph() -> None:
    splitter = SentenceSplitter()
    found = splitter.feed("One. Two.\n\nThree. Four")
    assert found == [("One.", True), ("Two.", False), ("Three.", True)]
    assert splitter.rest() == ("Four", False)


@settings(deadline=None)
@given(st.text(alphabet="ab A.!? \n\"'", max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_pieces_give_the_same_sentences_as_the_whole(text: str, sizes: list[int]) -> None:
    splitter = SentenceSplitter()
    found, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found += [sentence for sentence, _ in splitter.feed(text[at : at + size])]
        at, turn = at + size, turn + 1
    rest, _ = splitter.rest()
    assert [*found, *([rest] if rest else [])] == split(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_splitting_loses_nothing_but_space(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())
