"""Which sentences are least in voice, and why."""

import numpy as np

from blogai.brand.voice.background import Background
from blogai.brand.voice.features import features_of, word_bucket
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.brand.voice.function_words import FUNCTION_WORDS
from blogai.brand.voice.measure import on_voices, raw
from blogai.brand.voice.report import Judged, Reason
from blogai.brand.voice.style import style
from blogai.brand.voice.tokens import Passage, Sentence

_JUDGED = ("c4", "w1", "s2")
_FULL_WEIGHT = 12
MOST_JUDGED = 5_000
"""Sentences: more than a long book chapter has, and a few seconds of work."""
_RARE = {
    "exclamations": ("punctuation", "exclamation mark", 4.0),
    "questions": ("questions", "question", 3.0),
    "dashes": ("punctuation", "dash", 0.15),
    "brackets": ("punctuation", "brackets", 0.15),
    "quotes": ("punctuation", "quotation marks", 0.1),
    "contractions": ("contractions", "contraction", 0.15),
    "first_person": ("person", "I or my", 0.15),
    "first_plural": ("person", "we or our", 0.15),
    "second_person": ("person", "you or your", 0.15),
    "hedges": ("hedging", "hedge", 0.25),
    "formal": ("formality", "formal word", 0.25),
    "casual": ("formality", "casual word", 0.3),
}


def _unused(background: Background, voice: Fingerprint, listed: list[str]) -> list[str]:
    """Words that are usual elsewhere, so that two or more would be expected in the samples, and that they lack."""
    family, known = background.families["w1"], voice.counts["w1"]
    out = []
    for word in dict.fromkeys(w.lower() for w in listed):
        if len(word) < 4 or word in FUNCTION_WORDS:
            continue
        bucket = word_bucket(word)
        at = int(np.searchsorted(known.ids, bucket))
        missing = at == len(known.ids) or known.ids[at] != bucket
        if missing and float(family.probability[bucket]) * known.total >= 2:
            out.append(word)
    return out


def _reasons(background: Background, voice: Fingerprint, passage: Passage, sentence: Sentence) -> list[Reason]:
    listed = sentence.words
    mean, _ = voice.spread["sentence_words"]
    usual, _ = voice.spread["sentence_variation"]
    out = []
    if len(listed) > mean + 1.5 * usual + 2:
        out.append(Reason("sentence length", f"{len(listed)} words; the samples average {mean:.0f}"))
    elif len(listed) < mean - 1.5 * usual - 2:
        out.append(Reason("sentence length", f"only {len(listed)} words; the samples average {mean:.0f}"))
    found = style(passage, [sentence])
    for name, (kind, what, limit) in _RARE.items():
        if found[name] > 0 and voice.spread[name][0] < limit:
            out.append(Reason(kind, f"{what}, which the samples hardly use"))
    if unused := _unused(background, voice, listed):
        out.append(Reason("word choice", "common words that the samples never use: " + ", ".join(unused[:4])))
    if len(listed) >= 8 and found["long_words"] > voice.spread["long_words"][0] + 18:
        out.append(Reason("formality", "many long words"))
    return out


def judge(background: Background, voice: Fingerprint, text: Passage) -> list[Judged]:
    """Every sentence of a text in order. Sentences below 12 words say less, so their fit is drawn towards 0. Those
    after the first 5,000 are listed with a fit of 0 and no reasons."""
    out = []
    for number, sentence in enumerate(text.sentences):
        if number >= MOST_JUDGED:
            out.append(Judged(sentence.text, sentence.start, sentence.end, 0.0, ()))
            continue
        passage = Passage(sentence.text)
        counts = features_of(passage)
        cohort = on_voices(background, counts, _JUDGED)
        own = raw(background, dict(voice.counts), counts, _JUDGED)
        apart = (own - cohort.mean(1)) / (cohort.std(1) + 1e-9)
        size = len(sentence.words)
        fit = float(np.clip(apart, -4, 4).mean()) * min(1.0, size / _FULL_WEIGHT)
        reasons = tuple(_reasons(background, voice, passage, sentence))
        out.append(Judged(sentence.text, sentence.start, sentence.end, round(fit, 3), reasons))
    return out
