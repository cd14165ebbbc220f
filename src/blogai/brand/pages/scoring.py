"""How much a text sounds like a voice, and where it does not."""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from fastapi import Request
from nicegui import ui

from blogai.brand.pages.voices import PATH, state_of
from blogai.brand.reading import MOST_TEXT
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.voice.report import Assessment, RuleReport
from blogai.db.database import Actor, Database
from blogai.errors import BlogAIError, InvalidInput, NotFound
from blogai.web import comparison, components
from blogai.web.actor import current_actor
from blogai.web.frame import frame

Texts = Callable[[Actor, UUID], Awaitable[tuple[str, str]]]
"""A generated text and its draft before the rewrites, which is the text itself where there were none."""

MOST_HITS = 200
"""Places of words to avoid that are listed below a text."""


def register(database: Database, texts: Texts) -> None:
    """Adds the page to the program."""

    @ui.page(PATH + "/{voice}/score")
    async def score_page(request: Request, voice: str, content: str | None = None) -> None:
        actor = current_actor(request)
        with frame("Score a text", active=PATH):
            try:
                profile = await Profiles(database).get(actor, voice)
                chosen = await texts(actor, _id(content)) if content else None
            except BlogAIError as error:
                components.empty_state("It is not here", str(error), "To the brand voices", PATH, tag="h1")
                return
            components.heading(f"Does it sound like {profile.name}?", "Paste a text of 80 words or more.")
            ui.link("Samples and training of the voice", f"{PATH}/{profile.slug}")
            if not profile.usable:
                components.notice(f"{state_of(profile)}. Until then no text can be scored.").style("margin-top:24px")
                return
            view = _Scoring(actor, Scores(database), profile.slug)
            view.build(chosen[0] if chosen else "")
            if chosen is not None:
                await view.show(*chosen)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


class _Scoring:
    def __init__(self, actor: Actor, scores: Scores, voice: str) -> None:
        self._actor = actor
        self._scores = scores
        self._voice = voice
        self._before: _Version | None = None

    def build(self, text: str) -> None:
        with ui.element("div").classes("stack form"):
            self._text = ui.textarea(label="Text", value=text).props("outlined autogrow").classes("editor score")
            if not text:
                components.kept(self._text)
            self._text.props(f"maxlength={MOST_TEXT + 1_000}")  # enough to be refused for its length
            with ui.element("div"):
                self._button = components.primary("Score", self._score)
        self._heard = components.spoken()
        self._result = ui.element("div")

    async def show(self, text: str, draft: str) -> None:
        """Scores the text that is there, next to its draft; neither score is kept: they were when it was written.

        Args:
            draft: as it was before the rewrites.
        """
        if draft != text and (found := await self._assess(draft, keep=False)) is not None:
            self._before = _Version(draft, found)
        await self._score(keep=False)

    async def _score(self, *, keep: bool = True) -> None:
        text = self._text.value or ""
        with components.busy(self._button, pressed=keep):
            found = await self._assess(text, keep=keep)
            self._result.clear()
            if found is None:
                return
            now, before = _Version(text, found), self._before
            self._before = now
            before, changed, tinted = await asyncio.to_thread(_long_work, before, now, keep)
        self._heard.set_content(f"{found.overall:.0%} in this voice, grade {found.feedback.grade}")
        with self._result:
            _figures(found, before.found if before else None)
            if changed:
                components.text("h2", "Before and after", "section-title")
                comparison.show(changed)
            components.text("h2", "Sentence by sentence", "section-title")
            ui.html(tinted, sanitize=False).classes("prose heat")
            _findings(found)

    async def _assess(self, text: str, *, keep: bool) -> "Assessment | None":
        """The score; None when it was refused, which the page tells beside the text."""
        components.no_error(self._text)
        try:
            return (await self._scores.score(self._actor, self._voice, text, keep=keep)).assessment
        except InvalidInput as error:
            components.field_error(self._text, error)
        except BlogAIError as error:
            components.show_error(error)
        return None


@dataclass(frozen=True)
class _Version:
    text: str
    found: Assessment


def _figures(found: Assessment, before: "Assessment | None") -> None:
    with ui.element("div").classes("grid-2"):
        with ui.element("section").classes("panel meter"):
            components.text("h2", "In this voice", "small muted")
            with ui.element("div").classes("row-line").style("align-items:baseline"):
                components.text("span", f"{found.overall:.0%}", "figure")
                components.text("span", f"grade {found.feedback.grade}", "muted")
                if before is not None:
                    components.text("span", f"{before.overall:.0%} before", "muted")
            hint = (
                "A weak measure: the text has fewer than 80 words."
                if found.weak
                else "The chance that it is in the voice."
            )
            components.text("div", hint, "small muted")
        with ui.element("section").classes("panel meter"):
            for name, part in (("Tone", "tone_match"), ("Vocabulary", "vocabulary_match"), ("Style", "style_match")):
                value = float(getattr(found, part))
                was = f"{getattr(before, part):.0%} before · " if before is not None else ""
                with ui.element("div").classes("spread small"):
                    components.text("span", name, "muted")
                    components.text("span", f"{was}{value:.0%}")
                bar = ui.element("div").classes("bar").props(f'role="meter" aria-label="{name}"')
                bar.props(f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * value:.0f}"')
                with bar:
                    ui.element("div").style(f"width:{100 * value:.0f}%")


def _long_work(before: _Version | None, now: _Version, typed: bool) -> tuple[_Version | None, str, str]:
    """What nobody else should have to wait for: the version before, if it is one, what was changed, the heat map."""
    changed = ""
    if typed and before is not None and not comparison.related(before.text, now.text):
        before = None
    if before is not None and before.text != now.text:
        titles = (f"Before: {before.found.overall:.0%}", f"Now: {now.found.overall:.0%}")
        changed = comparison.side_by_side(before.text, now.text, titles=titles)
    return before, changed, heat(now.text, now.found)


def heat(text: str, found: Assessment) -> str:
    """The text as HTML with each sentence tinted by how far it is from the voice, and the hits of the rules marked.

    Hits are marked outside of sentences as well: headings and tables are not judged.
    """
    hits = sorted((hit for hit in found.rules.avoided if not hit.excused), key=lambda hit: hit.start)
    html, at = [], 0
    for judged in sorted(found.sentences, key=lambda sentence: sentence.start):
        html.append(_with_hits(text, at, judged.start, hits))
        tint = min(1.0, max(0.0, (0.5 - judged.fit) / 2.5))
        reasons = "; ".join(reason.detail for reason in judged.reasons)
        html.append(
            f'<span class="judged" id="at-{judged.start}" style="--tint:{tint * 70:.0f}%"'
            f' data-why="{components.escape(reasons)}" tabindex="{0 if reasons else -1}">'
            f"{_with_hits(text, judged.start, judged.end, hits)}</span>"
        )
        at = judged.end
    html.append(_with_hits(text, at, len(text), hits))
    return "".join(html)


def _with_hits(text: str, start: int, end: int, hits: list[Any]) -> str:
    parts, at = [], start
    for number in range(bisect_left(hits, start, key=attrgetter("start")), len(hits)):
        hit = hits[number]
        if hit.start >= end:
            break
        if hit.end <= end and hit.start >= at:
            parts.append(components.escape(text[at : hit.start]))
            parts.append(f'<mark id="hit-{hit.start}" tabindex="-1">{components.escape(hit.found)}</mark>')
            at = hit.end
    parts.append(components.escape(text[at:end]))
    return "".join(parts)


def _findings(found: Assessment) -> None:
    _rules(found.rules)
    worst = [sentence for sentence in found.worst(5) if sentence.reasons]
    if worst:
        components.text("h2", "Least in voice", "section-title")
        with ui.element("ul").classes("plain-list"):
            for sentence in worst:
                with ui.element("li"):
                    _jump(sentence.text, f"at-{sentence.start}")
                    components.text("div", "; ".join(reason.detail for reason in sentence.reasons), "small muted")
    if found.deviations:
        components.text("h2", "How it differs from the samples", "section-title")
        components.text("p", "The figures on the right are in units of the samples' own spread.", "small muted")
        with ui.element("ul").classes("plain-list"):
            for deviation in found.deviations:
                with ui.element("li").classes("spread"):
                    components.text("span", deviation.suggestion)
                    components.text("span", f"{deviation.units:+.1f}", "small muted")
    if found.feedback.strengths:
        components.text("h2", "What fits", "section-title")
        with ui.element("ul").classes("plain-list"):
            for strength in found.feedback.strengths:
                components.text("li", strength)


def _rules(rules: RuleReport) -> None:
    """Hits of the words to avoid, each a jump to its place, and what became of the words to prefer."""
    if rules.avoided:
        components.text("h2", "Words to avoid", "section-title")
        with ui.element("div").classes("tags"):
            places = Counter(hit.found for hit in rules.avoided if not hit.excused)
            seen: Counter[str] = Counter()
            for hit in rules.avoided[:MOST_HITS]:
                if hit.excused:
                    components.text("span", f"{hit.found}: {hit.excused}", "badge")
                    continue
                link = _jump(hit.found, f"hit-{hit.start}", "badge bad")
                seen[hit.found] += 1
                if places[hit.found] > 1:  # by ear all would be the same
                    link.props["aria-label"] = f"{hit.found}, {seen[hit.found]} of {places[hit.found]}"
        if (more := len(rules.avoided) - MOST_HITS) > 0:
            components.text("p", f"And {more:,} more.", "small muted")
    if rules.preferred or rules.missing:
        components.text("h2", "Words to prefer", "section-title")
        with ui.element("div").classes("tags"):
            for word in sorted({hit.rule for hit in rules.preferred}):
                components.text("span", f"✓ {word}", "badge")
            for word in rules.missing:
                components.text("span", f"{word}: not used", "badge")


def _jump(words: str, place: str, classes: str = "jump") -> ui.html:
    link = ui.html(components.escape(words), tag="a", sanitize=False).classes(classes)
    link.props(f'href="#{place}"')
    return link
