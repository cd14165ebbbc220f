"""Generated text cannot bring code into the page."""

import pytest

from blogai.web.markdown import EXCERPT, excerpt, render


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.org/tracker.png)",
        '<a href="https://example.org" onclick="alert(1)">x</a>',
        "<style>body{display:none}</style>",
        "<iframe src='https://example.org'></iframe>",
    ],
)
def test_attacks_come_out_as_text(attack: str) -> None:
    html = render(attack)
    for forbidden in ("<script", "<img", "<style", "<iframe", 'href="javascript', 'href="data'):
        assert forbidden not in html
    assert " onclick=" not in html.replace("&quot;", '"') or "&lt;a" in html


def test_structure_survives() -> None:
    html = render(
        "# Title\n\nA *fine* [link](https://example.org).\n\n## Part\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|\n"
    )
    for part in (
        "<h1>Title</h1>",
        "<em>fine</em>",
        'href="https://example.org"',
        "<h2>Part</h2>",
        "<li>one</li>",
        "<td>1</td>",
    ):
        assert part in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# Title\n\n## Part\n\nA *fine* and __bold__ `set_role`.", "Part A fine and bold set_role."),
        ("- [The owner's login](#login)\n- ![A cat](cat.png)", "The owner's login A cat"),
        ("> Cut in the middle of a [link](https://exam", "Cut in the middle of a link"),
        ("```mermaid\nflowchart\n```\nAfter", "flowchart After"),
        ("2 * 3 [is] six (6)", "2 * 3 [is] six (6)"),
    ],
)
def test_words_of_a_beginning(markdown: str, words: str) -> None:
    assert excerpt(markdown, "Title") == words


def test_an_excerpt_that_goes_on_ends_with_a_whole_word() -> None:
    whole = "A word, " * 60
    assert excerpt(whole[:EXCERPT]) == "A word, " * 37 + "A \N{HORIZONTAL ELLIPSIS}"
    assert excerpt(whole[: EXCERPT - 1]).endswith("word, A w")
