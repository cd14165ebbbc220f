"""Posts that are whole and posts that are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blogai.content.wellformed import faults, parse, section_faults

ROOF = "A hive needs morning sun, shelter from wind and water nearby. A flat roof with a low wall has all three."

GOOD = f"""# Bees above the street

## Choosing a roof

{ROOF}

## The first weeks

Feed the colony until flowers open. Check it every nine days:

- look for eggs;
- count the frames.

## Living with neighbours

Tell them before the bees arrive. A jar of honey says the rest!
"""


def test_a_good_post_has_no_faults() -> None:
    assert faults(GOOD) == []


def test_a_post_is_taken_apart() -> None:
    post = parse(GOOD)
    assert post.titles == ("Bees above the street",)
    assert post.headings == ("Choosing a roof", "The first weeks", "Living with neighbours")
    assert post.bodies[2] == "Tell them before the bees arrive. A jar of honey says the rest!"
    assert post.lead == ""
    assert post.words == 51


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("# Bees above the street\n\n", "", "it has 0 titles"),
        ("# Bees above the street", "# One\n\n# Two", "it has 2 titles"),
        ("# Bees above the street", "Hello.\n\n# Bees", "does not begin with its title"),
        ("# Bees above the street", '# "Bees above the street"', "quotation marks"),
        ("## The first weeks", "### The first weeks", "it has 2 sections"),
        ("## The first weeks", "## Choosing a roof", "two headings are the same"),
        ("## The first weeks", "## Bees above the street", "two headings are the same"),
        ("## The first weeks", "## ", "a heading is empty"),
        ("## The first weeks", "## ...", "a heading is empty"),
        ("says the rest!", "says the", "breaks off"),
        ("A jar of honey says the rest!", "", None),
        ("Tell them before the bees arrive. A jar of honey says the rest!", "", "is empty"),
        ("Tell them", "Sure, tell them", "boilerplate: 'Sure,'"),
        ("Tell them", "Dear neighbours, tell them", "boilerplate: 'Dear neighbours'"),
        ("Tell them", "Tell [Name]", "boilerplate: '[Name]'"),
        ("Tell them before", "- Tell\n- them\n- to\n- go before", "nothing but a list"),
        ("Tell them before", "```\ncode\n\nTell them before", "open code block"),
        ("Tell them before the bees arrive.", f"{ROOF}\n\n", "a paragraph comes twice"),
    ],
)
def test_each_fault_is_found(old: str, new: str, fault: str | None) -> None:
    found = faults(GOOD.replace(old, new))
    assert bool(found) == (fault is not None)
    assert fault is None or fault in "; ".join(found)


def test_code_is_neither_heading_nor_placeholder() -> None:
    post = GOOD.replace("Tell them", "```\n# no title\n[Name]\n```\n\nTell `[x]` them")
    assert faults(post) == []
    assert len(parse(post).titles) == 1


@pytest.mark.parametrize(
    "body", ["A sentence.", "Text:\n\n1. one\n2. two", "Text.\n\n```\ncode\n```", 'He asked: "Why?"']
)
def test_endings_that_are_whole(body: str) -> None:
    assert section_faults(body) == []


_LINE = st.text(alphabet="ab #.-*`\n", max_size=12)


@settings(deadline=None)
@given(st.lists(_LINE, max_size=12))
def test_taking_apart_never_loses_a_line(lines: list[str]) -> None:
    text = "\n".join(lines)
    post = parse(text)
    kept = "".join("".join(part.split()) for part in (*post.titles, *post.headings, post.lead, *post.bodies))
    assert sorted(kept.replace("#", "")) == sorted("".join(text.split()).replace("#", ""))
    assert len(post.headings) == len(post.bodies)
    faults(text)
