"""A voice in words: vocabulary, sentence patterns, tones, traits and one paragraph of summary."""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.brand.voice.style import METRICS
from blogai.brand.voice.tokens import Passage

_TRANSITIONS = frozenset(
    """however therefore moreover furthermore meanwhile instead finally then also still yet besides otherwise
        consequently nevertheless first second next so but and thus overall similarly indeed""".split()  # noqa: SIM905
)

# How much each measure, in spreads above the average text, speaks for a tone. Chosen by hand, not learnt; the
# published list has these twelve names.
TONES: dict[str, dict[str, float]] = {
    "professional": {"formal": 0.6, "casual": -0.5, "exclamations": -0.4, "contractions": -0.4, "long_words": 0.4},
    "friendly": {"warm": 0.7, "second_person": 0.4, "exclamations": 0.4, "contractions": 0.3, "first_plural": 0.2},
    "casual": {"casual": 0.8, "contractions": 0.6, "joined_openings": 0.3, "formal": -0.4, "long_words": -0.4},
    "authoritative": {"boosters": 0.6, "hedges": -0.4, "formal": 0.4, "first_person": -0.3, "passives": 0.2},
    "empathetic": {"warm": 0.8, "second_person": 0.4, "hedges": 0.2, "questions": 0.2},
    "enthusiastic": {"lively": 0.8, "exclamations": 0.7, "fresh": 0.3},
    "confident": {"boosters": 0.7, "hedges": -0.7, "passives": -0.2, "first_plural": 0.2},
    "approachable": {
        "second_person": 0.5,
        "contractions": 0.5,
        "long_words": -0.4,
        "sentence_words": -0.3,
        "warm": 0.3,
    },
    "innovative": {"fresh": 0.9, "lively": 0.3, "numbers": 0.1},
    "trustworthy": {"steady": 0.8, "numbers": 0.2, "exclamations": -0.2, "casual": -0.2},
    "playful": {"exclamations": 0.5, "casual": 0.5, "questions": 0.4, "dashes": 0.3, "brackets": 0.3},
    "serious": {"exclamations": -0.5, "casual": -0.5, "formal": 0.4, "lively": -0.4, "sentence_words": 0.3},
}
_TRAITS: dict[str, dict[str, float]] = {
    "formality": {"formal": 0.5, "contractions": -0.5, "casual": -0.5, "long_words": 0.4, "abstract": 0.3},
    "complexity": {"sentence_words": 0.6, "word_letters": 0.5, "commas": 0.3, "abstract": 0.3, "variety": 0.2},
    "engagement": {"questions": 0.5, "second_person": 0.6, "exclamations": 0.3, "first_plural": 0.2, "lively": 0.3},
    "personality": {"first_person": 0.6, "casual": 0.3, "dashes": 0.2, "brackets": 0.3, "sentence_variation": 0.3},
}
_LENGTHS = {"word_letters": "words", "paragraph_words": "paragraphs"}


def _blend(z: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """0..1, 0.5 for the average text: logistic of the weighted deviations, each cut at three spreads."""
    value = sum(w * max(-3.0, min(3.0, z[name])) for name, w in weights.items())
    return round(1 / (1 + math.exp(-value / math.sqrt(sum(w * w for w in weights.values())))), 4)


def tone(z: Mapping[str, float]) -> dict[str, float]:
    """The twelve tones from style measures in spreads of the background."""
    return {name: _blend(z, weights) for name, weights in TONES.items()}


def traits(z: Mapping[str, float], consistency: float) -> dict[str, float]:
    """Formality, complexity, engagement, personality, and how consistent the samples are."""
    return {name: _blend(z, weights) for name, weights in _TRAITS.items()} | {"consistency": round(consistency, 4)}


def vocabulary(passages: list[Passage], of: Mapping[str, float]) -> dict[str, Any]:
    """Content words and phrases that occur in more than one sample, and rates."""
    used_in: Counter[str] = Counter()
    total: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    for passage in passages:
        lower = [w.lower() for w in passage.words]
        content = [w for w in lower if w not in FUNCTION_WORDS and len(w) > 1]
        total.update(content)
        used_in.update(set(content))
        phrases.update({f"{a} {b}" for a, b in pairwise(lower)
                        if not (a in FUNCTION_WORDS and b in FUNCTION_WORDS)})  # fmt: skip
    common = sorted((w for w in total if used_in[w] > 1), key=lambda w: (-used_in[w], -total[w], w))[:40]
    repeated = sorted((p for p, n in phrases.items() if n > 1), key=lambda p: (-phrases[p], p))[:20]
    names = {"mean_word_letters": "word_letters", "words_in_every_50": "variety", "formal_per_100": "formal",
             "casual_per_100": "casual", "hedges_per_100": "hedges",
             "contractions_per_100": "contractions"}  # fmt: skip
    return {
        "common_words": {w: total[w] for w in common},
        "repeated_phrases": repeated,
        **{label: round(of[key], 3) for label, key in names.items()},
    }


def patterns(passages: list[Passage], of: Mapping[str, float]) -> dict[str, Any]:
    """Sentence lengths, how sentences open and end, transitions, punctuation."""
    lengths: list[int] = []
    openings: Counter[str] = Counter()
    joined: Counter[str] = Counter()
    for passage in passages:
        for sentence in passage.sentences:
            if not (listed := [w.lower() for w in sentence.words]):
                continue
            lengths.append(len(listed))
            openings[listed[0]] += 1
            if listed[0] in _TRANSITIONS:
                joined[listed[0]] += 1
    edges = [0, 5, 10, 15, 20, 25, 30, 40, 60]
    histogram = np.histogram(lengths, bins=[*edges, 10_000])[0]
    share = 100 / max(1, len(lengths))
    names = {"mean_words": "sentence_words", "spread_words": "sentence_variation", "questions_per_100": "questions",
             "exclamations_per_100": "exclamations", "paragraph_words": "paragraph_words"}  # fmt: skip
    return {
        **{label: round(of[key], 3) for label, key in names.items()},
        "long_sentences_per_100": round(share * sum(n > 25 for n in lengths), 2),
        "length_histogram": {"from": edges, "share": [round(float(h) * share / 100, 4) for h in histogram]},
        "openings": {w: round(n * share, 2) for w, n in openings.most_common(12)},
        "transitions": {w: round(n * share, 2) for w, n in joined.most_common(8)},
        "punctuation_per_100_words": {k: round(of[k], 3) for k in ("commas", "colons", "dashes", "brackets", "quotes")},
    }


def summary(z: Mapping[str, float], of: Mapping[str, float], tones: Mapping[str, float]) -> str:
    """One compact paragraph: what stands out against other writers, with figures."""
    strong = [t for t, v in sorted(tones.items(), key=lambda kv: -kv[1]) if v >= 0.6][:3]
    told = sorted(z, key=lambda name: -abs(z[name]))
    marks = [f"{_compared(n, more=z[n] > 0)} than usual ({of[n]:.1f} {METRICS[n].unit})"
             for n in told if abs(z[n]) >= 0.5 and n not in ("sentence_words",)][:5]  # fmt: skip
    sound = f"Sounds {', '.join(strong)}." if strong else "Sounds even, with no tone that dominates."
    length = f"Sentences average {of['sentence_words']:.0f} words."
    return " ".join([sound, length, f"Stands out by {'; '.join(marks)}." if marks else "Little stands out."])


def _compared(name: str, *, more: bool) -> str:
    """What a measure says about other writers, in words: `fewer commas`, `longer words`, `more variety of words`."""
    if name in _LENGTHS:
        return f"{'longer' if more else 'shorter'} {_LENGTHS[name]}"
    label = METRICS[name].label
    return f"{'more' if more else 'less' if label.startswith('vari') else 'fewer'} {label}"
