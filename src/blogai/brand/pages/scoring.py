"""How much a text sounds like a voice, and where it does not."""

from typing import TYPE_CHECKING, Any

from fastapi import Request
from nicegui import ui

from blogai.brand.pages.voices import PATH
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.db.database import Actor, Database
from blogai.errors import BlogAIError, InvalidInput
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame

if TYPE_CHECKING:
    from blogai.brand.voice import Assessment


def register(database: Database) -> None:
    """Adds the page to the program."""

    @ui.page(PATH + "/{voice}/score")
    async def score_page(request: Request, voice: str) -> None:
        actor = current_actor(request)
        with frame("Score a text", active=PATH):
            try:
                profile = await Profiles(database).get(actor, voice)
            except BlogAIError as error:
                components.empty_state("It is not here", str(error), "To the brand voices", PATH)
                return
            components.heading(f"Does it sound like {profile.name}?", "Paste a text of 80 words or more.")
            _Scoring(actor, Scores(database), profile.slug).build()


class _Scoring:
    def __init__(self, actor: Actor, scores: Scores, voice: str) -> None:
        self._actor = actor
        self._scores = scores
        self._voice = voice
        self._before: float | None = None

    def build(self) -> None:
        with ui.element("div").classes("stack form"):
            self._text = ui.textarea(label="Text").props("outlined autogrow").classes("editor")
            with ui.element("div"):
                components.primary("Score", self._score)
        self._result = ui.element("div")

    async def _score(self) -> None:
        text = self._text.value or ""
        self._text.props(remove="error error-message")
        try:
            found = (await self._scores.score(self._actor, self._voice, text)).assessment
        except InvalidInput as error:
            components.field_error(self._text, error)
            return
        except BlogAIError as error:
            components.show_error(error)
            return
        self._result.clear()
        with self._result:
            _figures(found, self._before)
            _heat_map(text, found)
            _findings(found)
        self._before = found.overall


def _figures(found: "Assessment", before: float | None) -> None:
    with ui.element("div").classes("grid-2"):
        with ui.element("section").classes("panel meter"):
            components.text("h2", "In this voice", "small muted")
            with ui.element("div").classes("row-line").style("align-items:baseline"):
                components.text("span", f"{found.overall:.0%}", "figure")
                components.text("span", f"grade {found.feedback.grade}", "muted")
                if before is not None:
                    components.text("span", f"before: {before:.0%}", "muted")
            hint = (
                "A weak measure: the text has fewer than 80 words."
                if found.weak
                else "The chance that it is in the voice."
            )
            components.text("div", hint, "small muted")
        with ui.element("section").classes("panel meter"):
            for name, value in (
                ("Tone", found.tone_match),
                ("Vocabulary", found.vocabulary_match),
                ("Style", found.style_match),
            ):
                with ui.element("div").classes("spread small"):
                    components.text("span", name, "muted")
                    components.text("span", f"{value:.0%}")
                bar = ui.element("div").classes("bar").props(f'role="meter" aria-label="{name}"')
                bar.props(f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * value:.0f}"')
                with bar:
                    ui.element("div").style(f"width:{100 * value:.0f}%")


def _heat_map(text: str, found: "Assessment") -> None:
    """The text with each sentence tinted by how far it is from the voice, and the hits of the rules marked."""
    components.text("h2", "Sentence by sentence", "section-title")
    hits = sorted((hit for hit in found.rules.avoided if not hit.excused), key=lambda hit: hit.start)
    html, at = [], 0
    for judged in sorted(found.sentences, key=lambda sentence: sentence.start):
        html.append(components.escape(text[at : judged.start]))
        tint = min(1.0, max(0.0, (0.5 - judged.fit) / 2.5))
        reasons = "; ".join(reason.detail for reason in judged.reasons)
        html.append(
            f'<span class="judged" style="--tint:{tint * 70:.0f}%" title="{components.escape(reasons)}">'
            f"{_with_hits(text, judged.start, judged.end, hits)}</span>"
        )
        at = judged.end
    html.append(components.escape(text[at:]))
    ui.html("".join(html), sanitize=False).classes("prose heat")


def _with_hits(text: str, start: int, end: int, hits: list[Any]) -> str:
    parts, at = [], start
    for hit in hits:
        if start <= hit.start and hit.end <= end and hit.start >= at:
            parts.append(components.escape(text[at : hit.start]))
            parts.append(f'<mark id="hit-{hit.start}" tabindex="-1">{components.escape(hit.found)}</mark>')
            at = hit.end
    parts.append(components.escape(text[at:end]))
    return "".join(parts)


def _findings(found: "Assessment") -> None:
    hits = [hit for hit in found.rules.avoided if not hit.excused]
    if hits:
        components.text("h2", "Words to avoid", "section-title")
        with ui.element("div").classes("tags"):
            for hit in hits:
                ui.html(components.escape(hit.found), tag="a", sanitize=False).classes("badge").props(
                    f'href="#hit-{hit.start}"'
                )
    worst = [sentence for sentence in found.worst(5) if sentence.reasons]
    if worst:
        components.text("h2", "Least in voice", "section-title")
        with ui.element("ul").classes("plain-list"):
            for sentence in worst:
                with ui.element("li"):
                    components.text("div", sentence.text)
                    components.text("div", "; ".join(reason.detail for reason in sentence.reasons), "small muted")
    if found.deviations:
        components.text("h2", "How it differs from the samples", "section-title")
        with ui.element("ul").classes("plain-list"):
            for deviation in found.deviations:
                with ui.element("li").classes("spread"):
                    components.text("span", deviation.suggestion)
                    components.text("span", f"{deviation.units:+.1f} spreads", "small muted")
    if found.feedback.strengths:
        components.text("h2", "What fits", "section-title")
        with ui.element("ul").classes("plain-list"):
            for strength in found.feedback.strengths:
                components.text("li", strength)
