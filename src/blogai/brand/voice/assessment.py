"""A score with its reasons: three partial matches, deviations, sentences, rules and feedback."""

import math
from collections.abc import Iterable

from blogai.brand.voice.background import Background
from blogai.brand.voice.calibration import WEAK_BELOW
from blogai.brand.voice.describe import TONES
from blogai.brand.voice.features import FAMILIES
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.brand.voice.measure import evidence, raw
from blogai.brand.voice.report import Assessment, Deviation, Feedback, Judged, RuleReport
from blogai.brand.voice.rules import check
from blogai.brand.voice.scoring import Reading, probability
from blogai.brand.voice.sentence_fit import judge
from blogai.brand.voice.style import METRICS, NAMES, style

_SAMPLE_WORDS = 500
_NOTABLE = 1.5
_SHOWN = 8
_GRADES = ((0.8, "A"), (0.65, "B"), (0.5, "C"), (0.35, "D"))
_STRUCTURE = ("sentence_words", "sentence_variation", "paragraph_words", "word_letters", "variety", "function_words",
              "commas", "colons", "dashes", "brackets", "quotes", "questions", "negations", "adverbs", "abstract",
              "joined_openings")  # fmt: skip


def _units(background: Background, voice: Fingerprint, found: dict[str, float], size: int) -> dict[str, float]:
    """Differences in the samples' spreads, which are widened by what chance alone does in a text of this size.

    Rates are counts of rare things, so chance has the variance of a Poisson count; means have that of an average.
    """
    count = max(1.0, size / max(found["sentence_words"], 1.0))
    out = {}
    for i, name in enumerate(NAMES):
        mean, spread = voice.spread[name]
        usual = max(mean, float(background.style_mean[i]))
        if name in ("sentence_words", "sentence_variation"):
            chance = voice.spread["sentence_variation"][0] ** 2 / count
        elif name in ("word_letters", "variety"):
            chance = spread**2 * max(0.0, _SAMPLE_WORDS / size - 1)
        elif name == "paragraph_words":
            chance = usual**2 / max(1.0, size / max(found[name], 1.0))
        else:
            chance = 100 * usual / (count if METRICS[name].unit.endswith("100 sentences") else size)
        out[name] = (found[name] - mean) / math.sqrt(spread**2 + chance)
    return out


def _match(values: Iterable[float]) -> float:
    listed = [math.exp(-(v**2) / 2) for v in values]
    return round(sum(listed) / len(listed), 4)


def _tones(units: dict[str, float]) -> list[float]:
    return [
        sum(w * max(-4.0, min(4.0, units[name])) for name, w in weights.items())
        / math.sqrt(sum(w * w for w in weights.values()))
        for weights in TONES.values()
    ]


def _deviation(name: str, value: float, mean: float, units: float) -> Deviation:
    metric = METRICS[name]
    advice = metric.less if units > 0 else metric.more
    told = f"Your samples have {mean:.1f} {metric.unit}, this text {value:.1f}: {advice}."
    if name == "sentence_words":
        told = f"Your samples average {mean:.0f} words a sentence, this text {value:.0f}: {advice}."
    return Deviation(name, metric.label, metric.unit, round(value, 3), round(mean, 3), round(units, 2), told)


def _feedback(
    background: Background,
    voice: Fingerprint,
    overall: float,
    units: dict[str, float],
    deviations: tuple[Deviation, ...],
    worst: tuple[Judged, ...],
    rules: RuleReport,
) -> Feedback:
    typical = {n: (voice.spread[n][0] - background.style_mean[i]) / background.style_spread[i]
               for i, n in enumerate(NAMES)}  # fmt: skip
    kept = sorted((n for n in NAMES if abs(typical[n]) >= 0.6 and abs(units[n]) < 0.75), key=lambda n: -abs(typical[n]))
    strengths = [
        f"Keeps the brand's {METRICS[n].label} ({voice.spread[n][0]:.1f} {METRICS[n].unit})." for n in kept[:4]
    ]
    if rules.preferred:
        strengths.append("Uses preferred words: " + ", ".join(sorted({h.rule for h in rules.preferred})) + ".")
    broken = [h for h in rules.avoided if not h.excused]
    improvements = [f"Replace '{h.found}' (characters {h.start} to {h.end}): the brand avoids it." for h in broken[:10]]
    improvements += [d.suggestion for d in deviations[:5]]
    for sentence in worst:
        if sentence.fit < 0 and sentence.reasons:
            told = "; ".join(f"{r.kind}: {r.detail}" for r in sentence.reasons[:3])
            opening = " ".join(sentence.text.split()[:5])
            improvements.append(f"Rewrite '{opening} ...' (character {sentence.start}): {told}.")
    if rules.missing:
        improvements.append("Preferred words that do not occur: " + ", ".join(rules.missing) + ".")
    grade = next((letter for least, letter in _GRADES if overall >= least), "F")
    return Feedback(tuple(strengths), tuple(improvements), grade)


def assess(
    background: Background,
    voice: Fingerprint,
    reading: Reading,
    text: str,
    *,
    preferred_words: Iterable[str] = (),
    avoid_words: Iterable[str] = (),
    exceptions: Iterable[str] = (),
) -> Assessment:
    """Everything about one text; see `blogai.brand.voice.assess`."""
    overall = probability(background, dict(voice.counts), voice.norm, voice.sample_words, reading)
    found = style(reading.passage)
    units = _units(background, voice, found, reading.words)
    own = raw(background, dict(voice.counts), reading.counts)
    strong = evidence(background, own, voice.norm, reading.cohort, reading.words)
    usage = float(strong[[FAMILIES.index("w1"), len(FAMILIES) + FAMILIES.index("w1")]].mean())
    notable = sorted((n for n in NAMES if abs(units[n]) >= _NOTABLE), key=lambda n: -abs(units[n]))[:_SHOWN]
    deviations = tuple(_deviation(n, found[n], voice.spread[n][0], units[n]) for n in notable)
    judged = tuple(judge(background, voice, reading.passage))
    report = check(text, preferred=preferred_words, avoid=avoid_words, exceptions=exceptions)
    worst = tuple(sorted(judged, key=lambda s: (s.fit, s.start))[:3])
    return Assessment(
        overall=overall,
        tone_match=_match(_tones(units)),
        vocabulary_match=round(1 / (1 + math.exp(-1.5 * (usage - 1))), 4),
        style_match=_match(units[n] for n in _STRUCTURE),
        words=reading.words,
        weak=reading.words < WEAK_BELOW,
        deviations=deviations,
        sentences=judged,
        rules=report,
        feedback=_feedback(background, voice, overall, units, deviations, worst, report),
        measure=background.name,
    )
