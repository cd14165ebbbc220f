"""The reasons of a score: they point at the right place and say the right thing."""

import json

import pytest

from blogai.brand import voice
from blogai.brand.voice import describe, sentence_fit
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.brand.voice.report import doubts
from blogai.brand.voice.training import unlike
from blogai.errors import Conflict, InvalidInput

from .writing import post, posts


@pytest.fixture(scope="module")
def plain() -> Fingerprint:
    return voice.train(posts("plain"))


def test_overall_is_the_score(plain: Fingerprint) -> None:
    text = post("plain", 40)
    assert voice.assess(plain, text).overall == voice.score(plain, text)


def test_partial_matches_and_grade_follow_the_voice(plain: Fingerprint) -> None:
    own, other = voice.assess(plain, post("plain", 41)), voice.assess(plain, post("florid", 41))
    for part in ("overall", "tone_match", "vocabulary_match", "style_match"):
        assert getattr(own, part) > getattr(other, part), part
    assert (own.feedback.grade, other.feedback.grade) == ("A", "F")
    assert len(other.deviations) > len(own.deviations)


def test_the_foreign_sentence_is_found_with_offsets_and_reasons(plain: Fingerprint) -> None:
    foreign = (
        "One might suppose, upon a first and hurried acquaintance, that the matter admitted of no doubt; it is "
        "otherwise, and the prudent man will therefore suspend his judgement until the evidence shall have been heard."
    )
    text = f"{post('plain', 42, 6)} {foreign} {post('plain', 43, 6)}"
    worst = voice.assess(plain, text).worst(1)[0]
    assert worst.text == foreign == text[worst.start : worst.end]
    assert worst.fit < 0
    assert {"sentence length", "formality"} <= {r.kind for r in worst.reasons}


def test_no_more_sentences_are_judged_than_a_long_text_has(plain: Fingerprint, monkeypatch: pytest.MonkeyPatch) -> None:
    text = post("florid", 12, 8)
    whole = voice.assess(plain, text).sentences
    monkeypatch.setattr(sentence_fit, "MOST_JUDGED", 5)
    found = voice.assess(plain, text).sentences
    assert found[:5] == whole[:5]
    assert [(s.text, s.start, s.end) for s in found] == [(s.text, s.start, s.end) for s in whole]
    assert {(s.fit, s.reasons) for s in found[5:]} == {(0.0, ())}


def test_deviation_is_measured_and_advises(plain: Fingerprint) -> None:
    found = {d.metric: d for d in voice.assess(plain, post("florid", 44)).deviations}
    length = found["sentence_words"]
    assert length.units > 1.5
    assert length.text > length.samples
    assert f"{length.samples:.0f} words a sentence, this text {length.text:.0f}: split" in length.suggestion


def test_addresses_count_for_nothing_in_what_is_told(plain: Fingerprint) -> None:
    way = "https://example.org/announcements/and-considerations/concerning/the/organisation-of-everything"
    sentence = "You can try [the parser]({}) today, and [tell us]({}) what breaks."
    linked = post("plain", 44) + (" " + sentence.format(way, way)) * 3
    bare = post("plain", 44) + (" " + sentence.replace("[", "").replace("]({})", "")) * 3
    with_links, without = voice.assess(plain, linked), voice.assess(plain, bare)
    assert with_links.deviations == without.deviations
    assert with_links.tone_match == without.tone_match
    assert with_links.style_match == without.style_match
    assert [s.reasons for s in with_links.sentences] == [s.reasons for s in without.sentences]


def test_rules_reach_the_feedback(plain: Fingerprint) -> None:
    text = post("plain", 45) + " We leverage synergies."
    result = voice.assess(plain, text, avoid_words=["leverage"], preferred_words=["kumquat"])
    at = text.index("leverage")
    assert f"Replace 'leverage' (characters {at} to {at + 8})" in result.feedback.improvements[0]
    assert any("kumquat" in line for line in result.feedback.improvements)
    assert not result.rules.passes


def test_short_text_is_marked_weak(plain: Fingerprint) -> None:
    assert voice.assess(plain, "We shipped the parser today. It's faster now, and you don't need anything.").weak
    assert not voice.assess(plain, post("plain", 46)).weak


def test_equal_calls_give_equal_json(plain: Fingerprint) -> None:
    text = post("florid", 47)
    first = json.dumps(voice.assess(plain, text).to_json(), sort_keys=True)
    assert json.dumps(voice.assess(plain, text).to_json(), sort_keys=True) == first
    assert set(json.loads(first)) == {
        "overall_score", "tone_match", "vocabulary_match", "style_match", "feedback", "deviations",
    }  # fmt: skip


def test_refusals(plain: Fingerprint) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        voice.assess(plain, " ")
    old = Fingerprint(**{**plain.__dict__, "embedding_model": "another"})
    with pytest.raises(Conflict, match="Train the profile again"):
        voice.assess(old, post("plain", 48))


def test_training_names_the_sample_that_does_not_fit() -> None:
    trained = voice.train([*posts("plain", 4), post("florid", 9)])
    assert trained.training_report["inconsistent_samples"] == [4]
    assert trained.training_quality < voice.train(posts("plain", 5)).training_quality
    assert trained.training_report["more_samples_wanted"] >= 5


@pytest.mark.parametrize(
    ("fits", "named"),
    [
        ([0.8, 0.9, 0.7, 0.04], [3]),
        ([0.9, 0.38, 0.46, 0.51, 0.32], []),  # loose as a whole
        ([0.48, 0.47], []),  # too short to tell
        ([0.04, 0.1], [0, 1]),
        ([0.99, 0.99, 0.6], []),
        ([1.0, 1.0, 0.0], [2]),
    ],
)
def test_odd_samples_are_odd_among_the_others(fits: list[float], named: list[int]) -> None:
    assert unlike(fits) == named


def test_what_is_told_of_a_training_by_number_of_samples() -> None:
    told = {n: doubts(voice.train(posts("plain", n)).training_report) for n in (2, 9, 24)}
    assert told == {2: ["10 more samples would help"], 9: ["7 more samples would help"], 24: []}
    assert doubts({"consistency": 0.8, "more_samples_wanted": 1}) == ["1 more sample would help"]
    loose = voice.train([post("plain", 1), post("florid", 1)])
    assert doubts(loose.training_report)[0].startswith("the samples differ")


def test_fingerprint_is_readable(plain: Fingerprint) -> None:
    assert len(plain.tone_distribution) == 12
    assert set(plain.style_metrics) == {"formality", "complexity", "engagement", "personality", "consistency"}
    assert all(0 <= v <= 1 for v in (*plain.tone_distribution.values(), *plain.style_metrics.values()))
    assert plain.tone_distribution["casual"] > voice.train(posts("florid")).tone_distribution["casual"]
    assert plain.voice_summary.startswith("Sounds ")
    assert 5 < plain.sentence_patterns["mean_words"] < 15
    assert "parser" in plain.vocabulary_profile["common_words"]
    assert len(plain.embedding_vector) >= 24


def test_a_summary_counts_words_and_measures_lengths() -> None:
    z = {"word_letters": -2.0, "long_words": -1.9, "variety": -1.8, "commas": 1.7, "first_person": -1.6}
    of = dict.fromkeys([*z, "sentence_words"], 4.0)
    told = describe.summary(z, of, {"casual": 0.9})
    assert told.startswith(
        "Sounds casual. Sentences average 4 words. Stands out by shorter words than usual (4.0 letters"
    )
    for part in ("fewer long words than", "less variety of words than", "more commas than", "fewer I, me, my than"):
        assert part in told
