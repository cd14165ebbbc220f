"""Places among word vectors: the ratio is the one of the model, and it comes from the vectors."""

import os
import subprocess
import sys

import numpy as np
import pytest

from blogai.brand import voice
from blogai.brand.voice import background, measure
from blogai.brand.voice.features import FAMILIES, Counts, features, merge, word_bucket
from blogai.brand.voice.space import PIECE, Place, Space, likelihood_ratio, pack_levels, unpack_levels

from .writing import post, posts

NOWHERE = Counts(np.zeros(0, np.int64), np.zeros(0))


@pytest.fixture(scope="module")
def space() -> Space:
    return background.shipped().space


def of(kind: str) -> Counts:
    return merge(features(text)["v1"] for text in posts(kind))


def normal(x: float, mean: float, variance: float) -> float:
    return float(-((x - mean) ** 2) / (2 * variance) - np.log(2 * np.pi * variance) / 2)


def test_ratio_is_that_of_one_voice_against_two() -> None:
    rng = np.random.default_rng(3)
    spread = np.array([4.0, 1.5, 0.2])  # the last is that of three directions
    texts = Place(rng.normal(size=(2, 5)), np.array([300.0, 90.0]))
    voices = Place(rng.normal(size=(3, 5)), np.array([2500.0, 700.0, 40.0]))
    found = likelihood_ratio(spread, texts, voices, texts.at[:, 2:] @ voices.at[:, 2:].T)
    for t in range(2):
        for v in range(3):
            expected = 0.0
            for axis in range(5):
                between, noise = spread[min(axis, 2)], PIECE / texts.size[t]
                doubt = PIECE / voices.size[v]
                share = between / (between + doubt)
                x, mean = texts.at[t, axis], share * voices.at[v, axis]
                expected += normal(x, mean, between * (1 - share) + noise) - normal(x, 0, between + noise)
            assert found[t, v] == pytest.approx(expected)


def test_own_texts_are_nearer(space: Space) -> None:
    for own, other in (("plain", "florid"), ("florid", "plain")):
        text = features(post(own, 60))["v1"]
        mine, theirs = (float(space.values(space.place(text), space.place(of(k)))[0, 0]) for k in (own, other))
        assert mine > theirs + 10


def test_words_that_the_samples_lack_count_by_what_they_resemble(space: Space) -> None:
    def of_words(*words: str) -> Counts:
        return merge(Counts(np.array([word_bucket(w)]), np.array([40.0])) for w in words)

    samples = of_words("however", "although", "indeed", "whom", "upon")
    near, far = of_words("therefore", "nevertheless", "perhaps"), of_words("server", "update", "github")
    assert not set(samples.ids) & {*near.ids, *far.ids}
    ratio = [float(space.values(space.place(text), space.place(samples))[0, 0]) for text in (near, far)]
    assert ratio[0] > ratio[1]


def test_more_text_is_stronger_evidence(space: Space) -> None:
    text = features(post("florid", 61))["v1"]
    little = Counts(text.ids, text.n / 8)
    at = space.place(of("florid"))
    much, less = space.values(space.place(text), at), space.values(space.place(little), at)
    assert much > less > 0


def test_unknown_words_say_nothing(space: Space) -> None:
    unknown = Counts(np.flatnonzero(space.row < 0)[:9].astype(np.int64), np.ones(9))
    for nothing in (unknown, NOWHERE):
        at = space.place(nothing)
        assert at.size.tolist() == [0]
        assert not space.values(at, space.voices).any()
        assert not space.values(space.passages, at).any()


def test_the_family_is_part_of_the_score() -> None:
    shipped = background.shipped()
    fingerprint = voice.train(posts("plain"))
    text = features(post("plain", 62))
    own, cohort = measure.raw(shipped, dict(fingerprint.counts), text), measure.cohort(shipped, text)
    at = FAMILIES.index("v1")
    weights = shipped.calibration.weights(2500, 300)[[at, len(FAMILIES) + at]]
    assert weights.sum() > 0.2
    found = measure.evidence(shipped, own, fingerprint.norm, cohort, 300)[[at, len(FAMILIES) + at]]
    assert found.min() > 1


SCORE = """
from blogai.brand import voice
from tests.brand.voice.writing import post, posts
print(repr(voice.score(voice.train(posts("plain")), post("plain", 62))))
"""


@pytest.mark.parametrize("kernel", ["Prescott", "Haswell"])
def test_scores_do_not_depend_on_the_processor(kernel: str) -> None:
    """NumPy's matrix products are another kernel's on another processor, and sum in another order there."""
    here = repr(voice.score(voice.train(posts("plain")), post("plain", 62)))
    there = subprocess.run(
        [sys.executable, "-c", SCORE],
        env={**os.environ, "OPENBLAS_CORETYPE": kernel, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here


def test_levels_survive_packing() -> None:
    levels = np.random.default_rng(1).integers(-7, 8, (5, 12)).astype(np.int8)
    assert unpack_levels(pack_levels(levels)).tolist() == levels.tolist()
