"""The score: it tells voices apart, repeats itself to the last digit, and depends on its two arguments alone."""

import json
import math
import random
import re

import numpy as np
import pytest

from blogai.brand import voice
from blogai.brand.voice import background, fingerprint, measure
from blogai.brand.voice.features import FAMILIES, PATTERNS, STEPS, Counts, features, merge, word_bucket
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.errors import Conflict, InvalidInput

from .writing import post, posts


@pytest.fixture(scope="module")
def plain() -> Fingerprint:
    return voice.train(posts("plain"))


@pytest.fixture(scope="module")
def florid() -> Fingerprint:
    return voice.train(posts("florid"))


def test_own_text_scores_high_and_foreign_text_low(plain: Fingerprint, florid: Fingerprint) -> None:
    for seed in (50, 51):
        assert voice.score(plain, post("plain", seed)) > 0.8 > 0.2 > voice.score(plain, post("florid", seed))
        assert voice.score(florid, post("florid", seed)) > 0.8 > 0.2 > voice.score(florid, post("plain", seed))


def test_stored_fingerprint_scores_the_same_to_the_last_digit(plain: Fingerprint) -> None:
    again = voice.restore(json.loads(json.dumps(plain.to_json())))
    for text in (post("plain", 60), post("florid", 60)):
        assert voice.score(again, text) == voice.score(plain, text)
    assert again.to_json() == plain.to_json()


def test_training_twice_gives_the_same_fingerprint(plain: Fingerprint) -> None:
    assert voice.train(posts("plain")).to_json() == plain.to_json()


def test_score_does_not_depend_on_what_was_scored_before(plain: Fingerprint, florid: Fingerprint) -> None:
    text = post("plain", 70)
    first = voice.score(plain, text)
    for seed in range(80):
        voice.score(florid, post("florid", 200 + seed, 4))
    assert voice.score(plain, text) == first


@pytest.mark.parametrize("target", ["(https://example.org/a_(b))", "[1]", "[]"])
def test_links_in_a_text_do_not_change_its_score(plain: Fingerprint, target: str) -> None:
    text = post("plain", 95)
    words = sorted({w for w in text.split() if w.isalpha() and w.islower() and len(w) > 4})[:8]
    linked = text
    for word in words:
        linked = re.sub(rf"\b{word}\b", f"[{word}]{target}", linked)
    linked += "\n\n[1]: https://example.org\n" + "".join(f"[{word}]: https://example.org\n" for word in words)
    assert linked.count(target) >= len(words)
    assert voice.score(plain, linked) == voice.score(plain, text)


def test_short_text_is_pulled_to_the_middle(plain: Fingerprint) -> None:
    long, short = post("plain", 90), " ".join(post("plain", 90).split()[:12])
    assert abs(voice.score(plain, short) - 0.5) < abs(voice.score(plain, long) - 0.5)
    with pytest.raises(InvalidInput, match="At least 10 words"):
        voice.score(plain, "Nine words are too few to say much here.")


@pytest.mark.parametrize("earlier", ["blogai-voice-3-a7900a5b", "blogai-voice-0", None])
def test_fingerprint_of_another_background_asks_for_training(plain: Fingerprint, earlier: str | None) -> None:
    row = plain.to_json() | {"embedding_model": earlier}
    with pytest.raises(Conflict, match="Train the profile again"):
        voice.restore(row)


def test_damaged_fingerprint_is_refused(plain: Fingerprint) -> None:
    row = plain.to_json()
    row["vocabulary_profile"] = {}
    with pytest.raises(InvalidInput, match="damaged"):
        voice.restore(row)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("vocabulary_profile.statistics.mean.0.0", None),
        ("vocabulary_profile.statistics.mean.1.1", float("nan")),
        ("vocabulary_profile.statistics.mean.4", [1.0]),
        ("vocabulary_profile.statistics.spread.0.0", 0),
        ("vocabulary_profile.statistics.spread.0.1", 1e308),
        ("vocabulary_profile.statistics.spread.2", [1.0, 1.0, 1.0]),
        ("vocabulary_profile.statistics.sample_words", 0),
        ("vocabulary_profile.statistics.counts.w1", fingerprint.pack(Counts(np.array([9, 1 << 30]), np.ones(2)))),
        ("vocabulary_profile.statistics.counts.c4", fingerprint.pack(Counts(np.array([9, 9]), np.ones(2)))),
        ("vocabulary_profile.statistics.counts.s2", fingerprint.pack(Counts(np.array([9]), np.zeros(1)))),
        ("vocabulary_profile.statistics.counts.v1", "no counts"),
        ("sentence_patterns.spread", {}),
        ("sentence_patterns.spread.commas", [1.0, 0.0]),
        ("sentence_patterns.spread.hedges", [float("inf"), 1.0]),
    ],
)
def test_statistics_that_no_training_gives_are_never_scored(plain: Fingerprint, path: str, value: object) -> None:
    row = at = json.loads(json.dumps(plain.to_json()))
    *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in way:
        at = at[step]
    at[last] = value
    with pytest.raises(InvalidInput, match="damaged") as caught:
        voice.restore(row)
    assert "Train" in (caught.value.remedy or "")


def test_counts_survive_packing() -> None:
    for counts in features(post("florid", 3)).values():
        back = fingerprint.unpack(fingerprint.pack(counts))
        assert back.ids.tolist() == counts.ids.tolist()
        assert back.n.tolist() == counts.n.tolist()


def test_habit_of_every_sample_weighs_more_than_one_that_is_repeated() -> None:
    bucket = word_bucket("hedgehog")

    def amount(samples: list[str]) -> float:
        found = merge(features(s)["w1"] for s in samples)
        return float(found.n[found.ids == bucket].sum())

    once, thrice = "a hedgehog ran.", "a hedgehog saw a hedgehog and a hedgehog."
    assert amount([once, once, once]) == pytest.approx(3 * math.log(2), abs=3 / STEPS)
    assert amount([thrice]) == pytest.approx(math.log(4), abs=1 / STEPS)
    assert amount([once, once, once]) > amount([thrice])


def test_evidence_is_relative_to_other_voices_and_to_other_texts(plain: Fingerprint) -> None:
    shipped = background.shipped()
    text = features(post("plain", 8))
    own, cohort = measure.raw(shipped, dict(plain.counts), text), measure.cohort(shipped, text)
    found = measure.evidence(shipped, own, plain.norm, cohort, 300)
    for i in range(len(FAMILIES)):
        t = (own[i] - cohort.voices[i].mean()) / cohort.voices[i].std()
        z = (own[i] - plain.norm.mean[i, 1]) / plain.norm.spread[i, 1]
        others = (cohort.voices[i] - shipped.voice_norm.mean[i, :, 1]) / shipped.voice_norm.spread[i, :, 1]
        zt = (z - others.mean()) / others.std()
        assert found[i] == pytest.approx(max(-6, min(6, t)))
        assert found[len(FAMILIES) + i] == pytest.approx(max(-6, min(6, zt)))
    genre = (own[FAMILIES.index("w1")] - cohort.genre[0]) / cohort.genre[1]
    assert found[-1] == pytest.approx(max(-6, min(6, genre)))
    assert len(found) == 2 * len(FAMILIES) + 1


ADDRESS = (
    "Fellow citizens, it is with no ordinary sense of duty that I lay before you the state of the public treasury, "
    "and the measures by which, under the favour of Providence, the credit of the Union may be upheld. The harvest "
    "of the past year has been abundant; the revenue has sufficed for every lawful demand upon it; and our relations "
    "with the several powers of Europe continue upon a footing of amity, from which it is the constant purpose of this "
    "Government never wantonly to depart. "
)


def test_a_text_is_compared_with_voices_of_its_genre() -> None:
    shipped = background.shipped()
    words = FAMILIES.index("w1")
    for text, literary in ((post("plain", 8), False), (ADDRESS * 3, True)):
        counts = features(text)
        found = measure.cohort(shipped, counts)
        blogs = found.voices[words][~shipped.literary]
        amounts = counts["w1"].n * shipped.families["w1"].steadiness[counts["w1"].ids]
        speeches = shipped.speeches.values(counts["w1"].ids, amounts / amounts.sum())
        others = np.concatenate([found.voices[words][shipped.literary], speeches])
        assert (others.mean() > blogs.mean()) == literary
        nearest = others.mean() if literary else blogs.mean()
        assert abs(found.genre[0] - nearest) < 0.1 * abs(others.mean() - blogs.mean())
    assert len(speeches) > 40
    assert (~shipped.literary).sum() >= 24


def test_between_genres_a_text_is_compared_with_both() -> None:
    mean, spread = measure.of_genre((1.0, 0.5), (1.0, 2.0))
    assert (mean, spread) == (pytest.approx(1.0), pytest.approx(1.0))
    assert measure.of_genre((1.0, 0.5), (-9.0, 2.0)) == (pytest.approx(1.0, rel=1e-3), pytest.approx(0.5, rel=1e-3))
    assert measure.of_genre((-9.0, 0.5), (1.0, 2.0)) == (pytest.approx(1.0, rel=1e-3), pytest.approx(2.0, rel=1e-3))


def test_cohort_voice_scores_like_a_trained_one(plain: Fingerprint) -> None:
    # A passage of the cohort is among the texts that a new voice is compared with: both ways give one number.
    shipped = background.shipped()
    norm = measure.on_passages(shipped, dict(plain.counts))
    assert np.array_equal(norm.mean, plain.norm.mean)
    by_hand = np.zeros((len(shipped.passage_words), len(PATTERNS)))
    for row in range(len(by_hand)):
        text = {}
        for name, family in shipped.families.items():
            mine = family.passage_row == row
            ids, shares = family.passage_ids[mine].astype(np.int64), family.passage_n[mine].astype(float)
            text[name] = Counts(ids, shares / family.steadiness[ids])
        by_hand[row] = measure.raw(shipped, dict(plain.counts), text, PATTERNS)
    for j, length in enumerate(background.LENGTHS):
        expected = pytest.approx(norm.mean[: len(PATTERNS), j], rel=1e-4)
        assert by_hand[shipped.passage_words == length].mean(0) == expected


def test_merged_counts_add_up() -> None:
    a, b = features(post("plain", 1)), features(post("plain", 2))
    for family in FAMILIES:
        assert merge([a[family], b[family]]).total == a[family].total + b[family].total


def test_background_is_whole() -> None:
    shipped = background.shipped()
    assert shipped.name == voice.MODEL
    assert shipped.voices >= 24
    for family in shipped.families.values():
        assert math.isclose(float(family.probability.sum(dtype=float)), 1, rel_tol=1e-3)
        assert int(family.passage_ids.max()) < len(family.probability)
    assert background.ARTIFACT.stat().st_size < 20_000_000


ALPHABETS = {
    "german": "die Maschine läuft über Nacht weiter und größere Aufgaben warten bis morgen früh",
    "russian": "сегодня новая версия работает быстрее чем прежняя поэтому команда обновила программу",
    "japanese": "今日新しい版を公開速動試見明日機能追加予定使方変更点多少説明書読直",
    "arabic": "اليوم إصدار جديد يعمل بسرعة أكبر من السابق لذلك ننصح الجميع بالتحديث الآن فورا",
}


@pytest.mark.parametrize("language", ALPHABETS)
def test_other_scripts_train_and_score(language: str) -> None:
    alphabet = ALPHABETS[language].split() if " " in ALPHABETS[language] else list(ALPHABETS[language])
    rng = random.Random(5)
    joint, stop = ("", "。") if len(alphabet[0]) == 1 else (" ", ". ")

    def text() -> str:
        return "".join(joint.join(rng.choices(alphabet, k=9)) + stop for _ in range(12))

    trained = voice.train([text() for _ in range(3)])
    assert 0 <= voice.score(trained, text()) <= 1
    with pytest.raises(InvalidInput, match="another language"):
        voice.score(trained, post("florid", 5))
    assert len(trained.vocabulary_profile["common_words"]) > 5 or joint == ""
    assert 7 < trained.sentence_patterns["mean_words"] < 11


WORDS = {
    "thai": "วันนี้ เรา เปิดตัว เวอร์ชัน ใหม่ ซึ่ง ทำงาน เร็ว กว่า เดิม มาก ขอ แนะนำ ให้ ทุกคน อัปเดต ทันที",
    "hebrew": "היום הוצאנו גרסה חדשה והיא עובדת מהר יותר מהקודמת לכן כדאי לכולם לעדכן עכשיו",
    "hindi": "आज हमने नया संस्करण जारी किया है और यह पहले से तेज़ काम करता है इसलिए सब अपडेट करें",
    "korean": "오늘 우리는 새 버전을 출시했으며 이전보다 빠르게 작동합니다 그래서 모두 업데이트하세요",
    "khmer": "ថ្ងៃ នេះ យើង បាន ចេញ កំណែ ថ្មី ដែល ដំណើរការ លឿន ជាង មុន",
}


@pytest.mark.parametrize("language", WORDS)
def test_scripts_without_spaces_and_with_marks(language: str) -> None:
    rng = random.Random(6)
    joint = "" if language in ("thai", "khmer") else " "

    def text(count: int = 12) -> str:
        return " ".join(joint.join(rng.choices(WORDS[language].split(), k=9)) + "." for _ in range(count))

    trained = voice.train([text() for _ in range(3)])
    assert 0 <= voice.score(trained, text()) <= 1
    short = voice.assess(trained, text(2))  # 18 words, which are written as two pieces in some of these languages
    assert 0 <= short.overall <= 1
    with pytest.raises(InvalidInput, match="another language"):
        voice.score(trained, post("florid", 5))
