"""The gates between model and reader: how text is cut into pieces must not matter."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blogai.content.posts.full.gate import MarkdownGate, Rejected
from blogai.content.posts.tiny.gate import Gate
from blogai.content.posts.tiny.rewriting import keeps_subject

LINES = st.sampled_from(
    [
        "",
        "# Big",
        "## The first colony",
        "### Small",
        "**The first colony**",
        "**Bold** start of a line.",
        "- an item",
        "```python",
        "# a comment",
        "```",
        "Plain words with a # inside.",
        "   indented",
        "`code` first",
    ]
)
SENTENCES = st.sampled_from(
    [
        "Hives stand on roofs.",
        "Bees fly far for clover.",
        "In conclusion, bees are good.",
        "I'm fond of bees.",
        'She said "wait.',
        "It is so, it is so, it is so.",
        "A colony needs water near its hive.",
    ]
)
SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=8)
QUICK = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def pieces(text: str, sizes: list[int]) -> list[str]:
    found, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return found


def markdown(parts: list[str]) -> str:
    gate = MarkdownGate("The first colony", [], 100)
    try:
        shown = "".join([*map(gate.feed, parts), gate.end()])
    except Rejected as rejected:
        return f"rejected: {rejected}"
    assert shown == gate.text
    return shown


@QUICK
@given(st.lists(LINES, max_size=10), SIZES)
def test_markdown_comes_out_the_same_however_it_comes_in(lines: list[str], sizes: list[int]) -> None:
    text = "\n".join(lines)
    assert markdown(pieces(text, sizes)) == markdown([text])


@QUICK
@given(st.lists(LINES, max_size=10), SIZES)
def test_no_heading_of_the_posts_own_levels_gets_through(lines: list[str], sizes: list[int]) -> None:
    fenced = False
    for line in markdown(pieces("\n".join(lines), sizes)).split("\n"):
        fenced ^= line.startswith("```")
        assert fenced or not line.startswith(("# ", "## "))


def prose(parts: list[str]) -> str:
    gate = Gate("What is a hive?", [], last=False)
    return "".join([sentence for part in parts for sentence in gate.feed(part)] + gate.end())


@QUICK
@given(st.lists(SENTENCES, max_size=8), st.sampled_from([" ", "\n\n"]), SIZES)
def test_sentences_come_out_the_same_however_they_come_in(lines: list[str], space: str, sizes: list[int]) -> None:
    text = space.join([*lines, "Unfinished words"])
    shown = prose(pieces(text, sizes))
    assert shown == prose([text])
    assert not any(bad in shown for bad in ("conclusion", "I'm", '"wait', "so, it", "Unfinished"))
    assert shown.count("Hives stand on roofs.") <= 1


def kept(text: str, **options: Any) -> list[str]:
    gate = Gate("What does a colony need?", [], last=False, topic="Urban beekeeping", **options)
    return [sentence.strip() for sentence in [*gate.feed(text), *gate.end()]]


def test_sentences_about_the_subject_of_a_passage_that_was_heard_are_held_back() -> None:
    passage = "The student of arithmetic solves fractions, divides the cake and goes fishing with the schoolmaster."
    leaked = "A colony divides its fractions like a student with a cake."
    plain = "A colony needs water, and a student of bees learns that soon."
    assert kept(f"{leaked} {plain}", heard=[passage]) == [plain]
    assert kept(f"{leaked} {plain}") == [leaked, plain]


def test_the_first_person_passes_in_a_personal_voice_alone() -> None:
    own, stray = "I keep my colony near clean water.", "I wanted to spend more time with my family."
    assert kept(f"{own} {stray}") == []
    assert kept(f"{own} {stray}", personal=True) == [own]


PASSAGE = "Saving for retirement is about money, patience and compound interest over many years of work."


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("You save for retirement with patience, money and the compound interest of many years.", True),
        ("Original text about saving money for retirement with patience and compound interest was rephrased.", False),
        ("The revised version tells of retirement, money, patience and compound interest over years.", False),
        ("The love that you receive every day helps you to grow, and it makes life worth living.", False),
    ],
)
def test_a_passage_written_anew_keeps_its_subject_and_does_not_speak_of_the_work(text: str, usable: bool) -> None:
    assert keeps_subject(text, PASSAGE) is usable
