"""What is told of the scores of a post, and its draft out of the changes."""

from typing import Any

from blogai.content.voice_story import changes, draft_of, story

VOICE: dict[str, Any] = {
    "before": 0.41,
    "after": 0.574,
    "target": 0.55,
    "reached": True,
    "rules_passed": False,
    "rounds": [
        {
            "round": 1,
            "score": 0.574,
            "tried": 3,
            "replaced": 2,
            "tokens": {"input": 1000, "output": 234},
            "changes": [
                {"before": "One.", "after": "Uno.", "score": 0.5},
                {"before": "Uno.", "after": "Eins.", "score": 0.574},
            ],
        }
    ],
}


def test_each_round_is_told_with_its_price() -> None:
    assert story(VOICE) == [
        "Draft: 41%",
        "Round 1: 57%, 2 of 3 passages rewritten, 1,234 tokens",
        "The target of 55% is reached",
        "It uses words that the brand avoids",
    ]


def test_the_draft_comes_back_unless_the_passage_was_edited() -> None:
    made = changes(VOICE)
    assert draft_of("Eins. Two.", made) == "One. Two."
    assert draft_of("Edited. Two.", made) == "Edited. Two."


def test_posts_of_before_the_changes_were_kept_can_be_told() -> None:
    older = {**VOICE, "rounds": [{key: value for key, value in VOICE["rounds"][0].items() if key != "changes"}]}
    assert changes(older) == []
    assert len(story(older)) == 4


def test_a_chosen_draft_is_told_as_one() -> None:
    assert story({**VOICE, "answers": 3})[0] == "Draft: 41%, the best of 3 texts for each section"


def test_rounds_that_were_not_needed_are_told() -> None:
    unneeded = {**VOICE, "rounds": [], "rules_passed": True}
    assert story({**unneeded, "asked": 2}) == ["Draft: 41%", "The target of 55% is reached without a round"]
    assert story({**unneeded, "asked": 0}) == ["Draft: 41%"]
