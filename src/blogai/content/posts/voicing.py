"""The voice of a post: scored when it is written, and rewritten passage by passage until it is good enough."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from blogai.brand.brief import VoiceBrief, rank
from blogai.brand.models import NewScore
from blogai.brand.voice import Assessment
from blogai.content import wellformed
from blogai.content.posts.draft import Draft
from blogai.content.sentences import count_words
from blogai.content.writer import Writer
from blogai.errors import InvalidInput, ProviderError

PASSAGES = 3
"""Passages that one round sends back."""
LEAST_WORDS = 12
"""Of a passage that is worth it."""
WISHES = 5
"""What is told of each."""

_NO_PROSE = re.compile(r"^\s*(?:[#>|]|[-*+] |\d+[.)] )", re.MULTILINE)


class Rewriter(Protocol):
    """A way to write that can also write a passage anew."""

    async def rewrite(self, writer: Writer, draft: Draft, passage: str, wishes: Sequence[str]) -> str | None:
        """The passage in the draft's voice; None when what came is not usable."""
        ...


@dataclass(frozen=True)
class Passage:
    """A paragraph of the draft.

    Attributes:
        section: number of its section.
        place: number of the paragraph in it.
        fit: of its sentences, weighed by their lengths; lower is worse.
        broken: hard rules that it breaks.
        wishes: what to do better.
    """

    section: int
    place: int
    text: str
    fit: float
    broken: int
    wishes: tuple[str, ...]


@dataclass
class Voiced:
    """How a post keeps to its voice, before and after the rewrites.

    Attributes:
        rounds: for each round its number, score, passages tried and replaced, tokens, and the changes: passages before
            and after, and the score of the whole text with each; with `problem` where it ended early, the reason.
        answers: texts of each section from which the draft was chosen.
        asked: rounds that may be made.
    """

    voice: VoiceBrief
    target: float
    before: Assessment
    after: Assessment
    rounds: list[dict[str, Any]] = field(default_factory=list)
    answers: int = 1
    asked: int = 0

    @property
    def reached(self) -> bool:
        return reached(self.after, self.target)

    def summary(self) -> dict[str, Any]:
        """JSON values for the metadata of the post."""
        return {
            "profile_id": str(self.voice.profile_id),
            "slug": self.voice.slug,
            "name": self.voice.profile.name,
            "answers": self.answers,
            "before": round(self.before.overall, 4),
            "after": round(self.after.overall, 4),
            "target": self.target,
            "reached": self.reached,
            "rules_passed": self.after.rules.passes,
            "weak": self.after.weak,
            "asked": self.asked,
            "rounds": [dict(one) for one in self.rounds],  # as they are now: the one in work goes on
        }

    def scores(self, final: Assessment) -> list[NewScore]:
        """What is kept: the draft where it was rewritten, and the finished text.

        Args:
            final: of the finished text, whose offsets are those that readers have.
        """
        kept = [(self.before, "draft")] if self.rounds else []
        return [
            NewScore.model_validate(
                {"profile_id": self.voice.profile_id, **found, "feedback": {**found["feedback"], "stage": stage}}
            )
            for found, stage in ((one.to_json(), stage) for one, stage in [*kept, (final, "final")])
        ]


def reached(assessment: Assessment, target: float) -> bool:
    """Whether the target is met and no hard rule is broken."""
    return assessment.overall >= target and assessment.rules.passes


Keep = Callable[[Voiced], Awaitable[None]]
"""Told of each version that is better than the one before."""


async def polish(
    writer: Writer, style: Rewriter, draft: Draft, rounds: int, target: float, keep: Keep
) -> Voiced | None:
    """Scores the draft and sends its worst passages back until the target or the rounds run out. A passage is replaced
    only when the whole text scores better with it, so the best version is the one that stays in `draft.bodies`. When
    the model fails, the rounds end: what is there is a post already.

    Args:
        draft: written in full, with a voice.
        rounds: 0 only scores.
        target: score at which it is good enough, 0 to 1.

    Returns:
        None when the text cannot be scored, because it is too short for example; readers and `draft.unscored` are told
        why.
    """
    voice = draft.voice
    if voice is None:
        return None
    try:
        first = await asyncio.to_thread(voice.assess, draft.body)
    except InvalidInput as exc:
        draft.unscored = exc.message
        await writer.emit("progress", {"step": "voice", "note": f"The voice cannot be scored: {exc.message}"})
        return None
    voiced = Voiced(voice, target, first, first, answers=draft.answers, asked=rounds)
    await _tell(writer, voiced, f"The draft scores {first.overall:.0%} in the voice {voice.profile.name}")
    if rounds:
        await keep(voiced)
    for number in range(1, rounds + 1):
        if voiced.reached or not await _round(writer, style, draft, voiced, number, keep):
            break
    return voiced


async def _round(writer: Writer, style: Rewriter, draft: Draft, voiced: Voiced, number: int, keep: Keep) -> bool:
    """Sends the worst passages back once; keeps those that make the whole text score better. False when the model
    failed, after its retries and fallbacks."""
    tokens, before = writer.tokens, voiced.after.overall
    changes: list[dict[str, Any]] = []
    done: dict[str, Any] = {"round": number, "tried": 0}

    def note() -> None:
        used = {"input": writer.tokens.input - tokens.input, "output": writer.tokens.output - tokens.output}
        done.update(score=round(voiced.after.overall, 4), replaced=len(changes), tokens=used, changes=changes)
        if done not in voiced.rounds:
            voiced.rounds.append(done)

    passages = worst(draft, voiced.after)[:PASSAGES]
    where = f"round {number} of {voiced.asked}"
    await _tell(writer, voiced, f"{before:.0%} so far; rewriting the worst passages ({where})")
    for passage in passages:
        done["tried"] += 1
        try:
            text = await style.rewrite(writer, draft, passage.text, passage.wishes)
        except ProviderError as exc:
            done["problem"] = exc.message
            break
        if text is None or not await _improved(draft, voiced, passage, text):
            continue
        changes = [*changes, {"before": passage.text, "after": text, "score": round(voiced.after.overall, 4)}]
        note()
        told = f"{voiced.after.overall:.0%} with a passage rewritten ({where})"
        await writer.replace(passage.text, text, step="voice", note=told)
        await keep(voiced)
    note()
    told = f"{before:.0%} before, {voiced.after.overall:.0%} after {where}"
    early = f". It ended early: {done['problem']}" if "problem" in done else ""
    await _tell(writer, voiced, f"{told}: {len(changes)} of {done['tried']} passages rewritten{early}")
    return not early


async def _improved(draft: Draft, voiced: Voiced, passage: Passage, text: str) -> bool:
    """Whether the draft is better with the text in the place of the passage, which is there then; else nothing is
    changed. A text that says what stands elsewhere already is not better, however well it scores."""
    faults = set(_faults(draft))
    if not _replace(draft, passage, text):
        return False
    try:
        found = await asyncio.to_thread(voiced.voice.assess, draft.body)
        better = rank(found) > rank(voiced.after) and faults >= set(_faults(draft))
    except InvalidInput:  # with it the whole cannot be scored: another language, for example
        better = False
    if better:
        voiced.after = found
    else:
        _replace(draft, passage, passage.text, instead_of=text)
    return better


def _faults(draft: Draft) -> list[str]:
    return wellformed.faults(f"# {draft.request.topic}\n\n{draft.body}\n")


def worst(draft: Draft, assessment: Assessment) -> list[Passage]:
    """The paragraphs of plain prose that may be rewritten: rule breakers first, then those least in voice."""
    found = []
    general = [deviation.suggestion for deviation in assessment.deviations[:3]]
    for section, place, start, text in _paragraphs(draft):
        end = start + len(text)
        inside = [one for one in assessment.sentences if one.start < end and one.end > start]
        hits = [hit for hit in assessment.rules.avoided if hit.excused is None and start <= hit.start < end]
        weight = sum(count_words(one.text) for one in inside)
        if not weight:
            continue
        fit = sum(one.fit * count_words(one.text) for one in inside) / weight
        reasons = [f"{why.kind}: {why.detail}" for one in sorted(inside, key=lambda s: s.fit) for why in one.reasons]
        wishes = [f"Do not use {hit.found!r}." for hit in hits] + list(dict.fromkeys([*reasons[:3], *general]))
        found.append(Passage(section, place, text, fit, len(hits), tuple(wishes[:WISHES])))
    return sorted(found, key=lambda passage: (-passage.broken, passage.fit))


def _paragraphs(draft: Draft) -> Iterator[tuple[int, int, int, str]]:
    """Section, number, offset in the body and text of each paragraph of plain prose outside code."""
    position = 0
    for section, (planned, body) in enumerate(zip(draft.outline.sections, draft.bodies, strict=True)):
        position += len(f"## {planned.heading}\n\n")
        fenced, start = False, position
        for place, part in enumerate(body.split("\n\n")):
            fences = len(re.findall(r"^\s*(?:```|~~~)", part, re.MULTILINE))
            if not fenced and not fences and not _NO_PROSE.search(part) and count_words(part) >= LEAST_WORDS:
                yield section, place, start, part
            fenced ^= bool(fences % 2)
            start += len(part) + 2
        position += len(body) + 2


def _replace(draft: Draft, passage: Passage, text: str, *, instead_of: str | None = None) -> bool:
    """Puts a text in the place of a paragraph; False when the paragraph is no longer there."""
    parts = draft.bodies[passage.section]
    old = instead_of if instead_of is not None else passage.text
    if parts.count(old) != 1:
        return False
    draft.bodies[passage.section] = parts.replace(old, text)
    return True


async def _tell(writer: Writer, voiced: Voiced, note: str) -> None:
    await writer.emit("progress", {"step": "voice", "note": note, "voice": voiced.summary()})
