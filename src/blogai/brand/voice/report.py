"""What is told about a text: plain values, known without numpy, so that the API can describe them from its start."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


def doubts(report: Mapping[str, Any]) -> list[str]:
    """What the report of a training has against its samples, in clauses; an empty list is a good training."""
    out = []
    if float(report.get("consistency", 1)) < 0.5:
        out.append("the samples differ from each other or are too short to tell")
    if wanted := int(report.get("more_samples_wanted", 0)):
        out.append("1 more sample would help" if wanted == 1 else f"{wanted} more samples would help")
    return out


@dataclass(frozen=True)
class Hit:
    """A place where a rule matches: `found == text[start:end]`. `excused` says why it does not count, or is None."""

    rule: str
    found: str
    start: int
    end: int
    excused: str | None = None


@dataclass(frozen=True)
class RuleReport:
    """What the rules say about a text. It passes when nothing that is to be avoided was found unexcused."""

    avoided: tuple[Hit, ...]
    preferred: tuple[Hit, ...]
    missing: tuple[str, ...]

    @property
    def passes(self) -> bool:
        return all(hit.excused for hit in self.avoided)


@dataclass(frozen=True)
class Reason:
    """Why a sentence stands out: a kind (word choice, sentence length, punctuation ...) and one clause."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Judged:
    """A sentence of a text: `fit` is 0 for the average writer, above when more in voice, in spreads of the cohort."""

    text: str
    start: int
    end: int
    fit: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Deviation:
    """A style measure of the text next to the samples; `units` is the difference in the samples' own spreads."""

    metric: str
    label: str
    unit: str
    text: float
    samples: float
    units: float
    suggestion: str


@dataclass(frozen=True)
class Feedback:
    """What is good, what to change, and a grade from A to F."""

    strengths: tuple[str, ...]
    improvements: tuple[str, ...]
    grade: str


@dataclass(frozen=True)
class Assessment:
    """`overall` equals `score`. The partial matches explain it (0..1); they are not probabilities. `measure` is the
    version of the measure: what two versions say of a text does not compare."""

    overall: float
    tone_match: float
    vocabulary_match: float
    style_match: float
    words: int
    weak: bool
    deviations: tuple[Deviation, ...]
    sentences: tuple[Judged, ...]
    rules: RuleReport
    feedback: Feedback
    measure: str

    def worst(self, count: int = 3) -> tuple[Judged, ...]:
        """The sentences least in voice, worst first."""
        return tuple(sorted(self.sentences, key=lambda s: (s.fit, s.start))[:count])

    def to_json(self) -> dict[str, Any]:
        """JSON values under the column names of `voice_scores`."""
        return {
            "overall_score": self.overall,
            "tone_match": self.tone_match,
            "vocabulary_match": self.vocabulary_match,
            "style_match": self.style_match,
            "feedback": {
                **asdict(self.feedback),
                "weak": self.weak,
                "words": self.words,
                "measure": self.measure,
                "sentences": [asdict(s) for s in self.worst(5)],
                "rules": asdict(self.rules),
            },
            "deviations": {d.metric: asdict(d) for d in self.deviations},
        }
