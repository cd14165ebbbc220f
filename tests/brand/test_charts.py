"""The charts of a trained voice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.support.voices import chatty

from blogai.brand import voice
from blogai.brand.models import StoredScore
from blogai.brand.pages import charts


def test_sentence_lengths_stand_next_to_those_of_the_average_writer() -> None:
    trained = voice.train([chatty(seed) for seed in range(3)])
    options = charts.sentence_lengths(trained)
    own, usual = options["series"]
    assert [own["name"], usual["name"]] == ["This voice", "Average writer"]
    assert len(own["data"]) == len(usual["data"]) == len(options["xAxis"]["data"])
    for series in (own, usual):
        assert sum(series["data"]) == pytest.approx(100, abs=0.5)
    assert own["data"] != usual["data"]
    told = charts.in_words("Words in a sentence", options)
    assert told.startswith(
        f"Words in a sentence, shares of all sentences: 0-4 words {own['data'][0]:g} % (average writer"
    )
    assert options["xAxis"]["data"][0] == "0-4"
    assert options["xAxis"]["data"][-1] == "60+"


def kept(minutes: int, overall: float, stage: str | None, measure: str | None = "new") -> StoredScore:
    return StoredScore(
        id=uuid4(),
        profile_id=uuid4(),
        content_id="x",
        created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes),
        overall_score=overall,
        tone_match=0.5,
        vocabulary_match=0.5,
        style_match=0.5,
        feedback={name: value for name, value in (("stage", stage), ("measure", measure)) if value},
        deviations={},
    )


def test_the_trend_keeps_drafts_apart_and_runs_from_old_to_new() -> None:
    options = charts.trend([kept(3, 0.9, "final"), kept(2, 0.4, "draft"), kept(1, 0.25, None)])
    texts, drafts = options["series"]
    assert [value for _, value in texts["data"]] == [25.0, 90.0]
    assert [value for _, value in drafts["data"]] == [40.0]
    told = charts.in_words("Scores over time", options)
    assert told == "Scores over time, from old to new. Text: 25 %, 90 %; Draft before rewriting: 40 %."
    assert len(charts.trend([kept(1, 0.3, "final")])["series"]) == 1


def test_the_trend_does_not_join_scores_of_two_measures() -> None:
    before = [kept(1, 0.1, "final", None), kept(2, 0.2, "draft", "old"), kept(3, 0.3, None, "old")]
    options = charts.trend([*before, kept(4, 0.4, "draft"), kept(5, 0.5, "final"), kept(6, 0.6, None)])
    told = {one["name"]: ([value for _, value in one["data"]], one["type"]) for one in options["series"]}
    assert told == {
        "Text": ([50.0, 60.0], "line"),
        "Draft before rewriting": ([40.0], "scatter"),
        "Earlier measure": ([10.0, 20.0, 30.0], "scatter"),
    }
    assert options["legend"]["show"] is True
    assert len(charts.trend(before[1:])["series"]) == 2, "who has not scored since an upgrade sees the old line"


def test_a_radar_is_told_in_words() -> None:
    told = charts.in_words("Tone", charts.radar({"casual": 0.416, "serious": 0.5}))
    assert told == "Tone, of 100, where the average writer has 50: casual 42, serious 50."
