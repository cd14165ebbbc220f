"""Repeats and loops."""

import pytest

from blogai.content.repetition import containment, loops, repeated, repeats, shingles

PARAGRAPH = (
    "A hive on a roof needs morning sun, a clear flight path and water nearby, and it must stand where nobody walks"
    " past its entrance, because guard bees defend the first metres in front of it."
)
OTHER = (
    "Inspect the frames every week in spring, look for eggs and queen cells, and note what you see in a small book,"
    " since memory mixes up the colonies sooner than you would think."
)


def test_the_same_paragraph_again_is_a_repeat() -> None:
    assert repeats(PARAGRAPH, [OTHER, PARAGRAPH])
    assert not repeats(PARAGRAPH, [OTHER])
    assert not repeats(PARAGRAPH, [])


def test_a_repeat_with_some_other_words_is_a_repeat() -> None:
    changed = PARAGRAPH.replace("morning sun", "early light").replace("guard bees", "the guards")
    assert repeats(changed, [PARAGRAPH])
    assert repeats(f"{PARAGRAPH} {OTHER}", [PARAGRAPH])


def test_case_and_punctuation_do_not_hide_a_repeat() -> None:
    assert repeats("bees need WATER", ["Bees need water!"])


def test_short_paragraphs_may_resemble_each_other() -> None:
    assert not repeats("A hive on a roof needs shade.", ["A hive on a roof needs sun."])


def test_repeated_names_the_later_ones() -> None:
    assert repeated([PARAGRAPH, OTHER, PARAGRAPH.upper()]) == [PARAGRAPH.upper()]


def test_containment_is_of_the_smaller_set() -> None:
    assert containment(shingles("a b c"), shingles("x a b c y")) == 1.0
    assert containment(shingles(""), shingles("a b c")) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "It is good to go, it is good to stay, and it is good to rest.",
        "The use of the tools in the field is the use of the tools in the field.",
        "This includes beekeeping tools, beekeeping books, beekeeping gear and beekeeping friends.",
    ],
)
def test_sentences_that_run_in_circles(text: str) -> None:
    assert loops(text)


@pytest.mark.parametrize("text", [PARAGRAPH, OTHER, "Bees dance.", ""])
def test_sentences_that_go_somewhere(text: str) -> None:
    assert not loops(text)
