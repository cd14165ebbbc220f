"""Hard rules: whole words, case, names, offsets."""

import pytest

from blogai.brand.voice.rules import check
from blogai.errors import InvalidInput


def found(text: str, rule: str, *exceptions: str) -> list[str]:
    return [h.found for h in check(text, avoid=[rule], exceptions=exceptions).avoided if not h.excused]


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("A simple rule. Simple rules. SIMPLE!", "simple", ["simple", "Simple", "SIMPLE"]),
        ("Simply simplest oversimple.", "simple", []),
        ("We go to Go, then go on.", "Go", ["Go"]),
        ("use simple-git, simple.js, simple/path, @simple and my_simple", "simple", []),
        ("It is simple. Simple's virtue; (simple)", "simple", ["simple", "Simple", "simple"]),
        ("best of\n breed and best-of-breed", "best of breed", ["best of\n breed"]),
        ("C++ or C#? C is fine.", "C++", ["C++"]),
        ("Größe zählt, größer nicht.", "größe", ["Größe"]),
        ("今日は簡単です", "簡単", ["簡単"]),
        ("We don’t; we don't. Don‘t!", "don't", ["don’t", "don't", "Don‘t"]),
        ("We don't.", "don’t", ["don't"]),
        ("rock ’n’ roll", "rock 'n' roll", ["rock ’n’ roll"]),
        ("best‑of‑breed", "best-of-breed", ["best‑of‑breed"]),
        ("cafe\u0301, café 🎉 CAFÉ cafe", "café", ["cafe\u0301", "café", "CAFÉ"]),
        ("café cafe\u0301", "cafe\u0301", ["café", "cafe\u0301"]),
        ("lever\u00adage lever\u200bage", "leverage", ["lever\u00adage", "lever\u200bage"]),
        ("use Node.js. Node.js's way, Node-js and not node.js", "Node.js", ["Node.js", "Node.js"]),
        ("a.*b, axxb and (x)", "a.*b", ["a.*b"]),
        ("We leverage it", "*leverage*", ["leverage"]),
        ("synergies and synergy", "synergy", ["synergy"]),
        ("`simple` code:\n```\nsimple = 1\n```\n", "simple", ["simple"]),
    ],
)
def test_whole_words(text: str, rule: str, expected: list[str]) -> None:
    assert found(text, rule) == expected


def test_what_is_preferred_excuses_what_it_contains() -> None:
    text = "Leverage ratio, the leverage ratio, leverage. Best practice? Practice, best practice."
    report = check(text, preferred=["leverage ratio", "Practice"], avoid=["leverage", "practice", "best practice"])
    assert [(h.found, h.excused) for h in report.avoided] == [
        ("Leverage", "part of Leverage ratio"),
        ("leverage", "part of leverage ratio"),
        ("leverage", None),
        ("Best practice", None),
        ("practice", None),
        ("Practice", None),
        ("best practice", None),
        ("practice", None),
    ]
    assert report.missing == ()


def test_offsets_point_into_the_text() -> None:
    text = "See **leverage** here.\n\n> and leverage there"
    hits = check(text, avoid=["leverage"]).avoided
    assert [text[h.start : h.end] for h in hits] == ["leverage", "leverage"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> of machine\n> learning", ["machine\n> learning"]),
        ("**machine** learning and <b>machine</b> learning", ["machine** learning", "machine</b> learning"]),
        ("the machine\n\nlearning", []),
        ("the machine\n\n```\ncode\n```\n\nlearning", []),
        ("the machine `a = b` learning", []),
        ("- a machine\n- learning", []),
        ("1. a machine\n2. learning", []),
    ],
)
def test_phrases_end_with_their_paragraph(text: str, expected: list[str]) -> None:
    assert found(text, "machine learning") == expected


def test_headings_and_tables_are_read_and_code_in_them_is_not() -> None:
    text = "# Leverage `leverage-x` https://leverage.example/leverage\n\nFine.\n\n| leverage | x |\n|---|---|\n\nEnd."
    hits = check(text, avoid=["leverage"]).avoided
    assert [(h.start, h.excused) for h in hits] == [(2, None), (text.index("| lev") + 2, None)]
    assert not check("## Simple ways\n\nText.", avoid=["simple"]).passes


def test_offsets_hold_beside_characters_that_count_as_nothing() -> None:
    text = "👩‍💻 cafe\u0301 naïve nai\u0308ve \u00adlever\u00adage\u00ad, “leverage”"
    report = check(text, avoid=["leverage", "naïve"], preferred=["café"])
    assert all(h.found == text[h.start : h.end] for h in report.avoided + report.preferred)
    assert [h.found for h in report.avoided] == ["naïve", "nai\u0308ve", "lever\u00adage", "leverage"]
    assert [h.found for h in report.preferred] == ["cafe\u0301"]


def test_word_inside_a_longer_name_is_excused_and_says_so() -> None:
    report = check("We store it in Amazon Simple Storage Service.", avoid=["simple"])
    assert report.passes
    assert report.avoided[0].excused == "part of the name Simple Storage"
    assert not check("We like it. Simple things last.", avoid=["simple"]).passes
    assert not check("The Simple way", avoid=["simple"]).passes


def test_named_exception_counts_everywhere() -> None:
    assert found("the keep it simple principle is simple", "simple", "keep it simple principle") == ["simple"]


def test_preferred_words_found_and_missing() -> None:
    report = check("Our members write.", preferred=["members", "people", "members"])
    assert [h.found for h in report.preferred] == ["members"]
    assert report.missing == ("people",)


@pytest.mark.parametrize("rule", ["", "   ", "--"])
def test_empty_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidInput, match="rule is empty") as caught:
        check("Some text", avoid=["fine", rule])
    assert caught.value.field == "avoid_words[1]"


def test_many_hits_beside_many_exceptions_cost_no_more_than_their_number() -> None:
    text = "simple storage and simple. " * 3_000
    hits = check(text, avoid=["simple"], exceptions=["simple storage", "simple storage and"]).avoided
    assert [h.excused for h in hits[:2]] == ["part of simple storage", None]
    assert len(hits) == 6_000
