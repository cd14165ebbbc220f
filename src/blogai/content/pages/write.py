"""The Write page: a topic, a few choices, one button."""

import re
from typing import Any
from uuid import UUID

from fastapi import Request
from nicegui import ui

from blogai.brand.brief import Briefs
from blogai.brand.service import NONE, Profiles
from blogai.content.posts import TONES, PostRequest, operation_for
from blogai.content.posts.request import VOICE_TARGET
from blogai.content.runs import Runs
from blogai.db.database import Actor
from blogai.db.paging import longer_page
from blogai.errors import BlogAIError, InvalidInput
from blogai.providers.registry import Providers
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame

PATH = "/"

LENGTHS = {250: "Short, about 250 words", 600: "Medium, about 600 words", 1200: "Long, about 1,200 words"}

MOST_LISTED = 1_000
"""Voices that are looked through for those that can be chosen."""

REWRITES = {0: "As it comes", 1: "One round towards the voice", 2: "Up to two rounds", 3: "Up to three rounds"}

TARGETS = {0.6: "60% in voice", 0.7: "70% in voice", 0.8: "80% in voice", 0.9: "90% in voice", 1.0: "All rounds"}

MODEL_STATES = {
    "idle": "The embedded demo model is loaded when you write.",
    "loading": "The embedded demo model is being loaded ...",
    "ready": "Written by a small demo model on this machine: quick and private, but no match for a large one.",
    "failed": "The embedded model could not be loaded.",
}


def register(runs: Runs, providers: Providers, briefs: Briefs, profiles: Profiles) -> None:
    """Adds the page to the program."""

    @ui.page(PATH)
    async def write_page(request: Request, again: str | None = None) -> None:
        actor = current_actor(request)
        with frame("Write", active=PATH, narrow=True):
            components.heading(
                "What shall we write?", "A topic is enough. You get an outline first, then the text as it is written."
            )
            form = _Form(actor, runs, providers, briefs)
            await form.offer_voices(profiles)
            await form.fill(again)
            await _unfinished(actor, runs)


class _Form:
    """The form and what happens when it is sent."""

    def __init__(self, actor: Actor, runs: Runs, providers: Providers, briefs: Briefs) -> None:
        self._actor = actor
        self._runs = runs
        self._providers = providers
        self._briefs = briefs
        with ui.element("form").classes("stack form").on("submit.prevent", self._send):
            self._topic = (
                ui.textarea(label="Topic", placeholder="Urban beekeeping for beginners")
                .props('outlined autogrow autofocus maxlength=600 name="topic"')
                .classes("topic")
                .on("keydown.ctrl.enter.prevent", self._send)
                .on("keydown.meta.enter.prevent", self._send)
            )
            with ui.element("div").classes("fields"):
                self._words = ui.select(LENGTHS, value=250, label="Length").props("outlined options-dense")
                self._tone = ui.select({tone: tone.capitalize() for tone in TONES}, value=TONES[0], label="Tone").props(
                    "outlined options-dense"
                )
                names = {name: name for name in providers.names()}
                self._provider = ui.select(names, value=providers.default, label="Written by").props(
                    "outlined options-dense"
                )
                self._provider.set_visibility(len(names) > 1)
                self._voice = ui.select({NONE: "No voice"}, value=NONE, label="Brand voice").props(
                    "outlined options-dense"
                )
                self._voice.set_visibility(False)
                self._rewrites = ui.select(REWRITES, value=0, label="Rewriting").props("outlined options-dense")
                self._rewrites.bind_visibility_from(self._voice, "value", lambda voice: voice != NONE)
                self._target = ui.select(TARGETS, value=VOICE_TARGET, label="Good enough at").props(
                    "outlined options-dense"
                )
                self._target.bind_visibility_from(self._rewrites, "visible", self._rewriting)
                self._target.bind_visibility_from(self._rewrites, "value", self._rewriting)
            self._keywords = ui.input(
                label="Keywords, parted by commas (optional)", placeholder="hive, roof, honey"
            ).props('outlined name="keywords"')
            self._fields = {
                "topic": self._topic,
                "keywords": self._keywords,
                "words": self._words,
                "tone": self._tone,
                "voice": self._voice,
                "rewrites": self._rewrites,
            }
            with ui.element("div").classes("spread"):
                self._button = components.primary("Write", self._send)
                self._state = components.text("span", "", "small muted model-state").props('role="status"')
        if providers.default == "local":
            self._show_state()
            ui.timer(1.0, self._show_state)

    def _rewriting(self, _: object) -> bool:
        return bool(self._voice.value != NONE and self._rewrites.value)

    async def offer_voices(self, profiles: Profiles) -> None:
        """Lets the writer choose among the trained voices; the default one is chosen already."""
        try:
            page = await longer_page(
                lambda cursor, most: profiles.page(self._actor, cursor=cursor, limit=most), MOST_LISTED
            )
        except BlogAIError as error:
            components.show_error(error)
            return
        voices = [voice for voice in page.items if voice.usable and voice.is_active]
        chosen = next((voice.slug for voice in voices if voice.is_default), NONE)
        self._voice.set_options({NONE: "No voice"} | {voice.slug: voice.name for voice in voices}, value=chosen)
        self._voice.set_visibility(bool(voices))

    async def fill(self, again: str | None) -> None:
        """Takes the inputs of an earlier run, to write it once more."""
        if again is None:
            return
        try:
            run = await self._runs.get(self._actor, UUID(again))
        except (ValueError, BlogAIError):
            return
        self._topic.value = run.inputs.get("topic", "")
        self._keywords.value = ", ".join(run.inputs.get("keywords") or [])
        if (tone := run.inputs.get("tone")) in TONES:
            self._tone.value = tone
        if (words := run.inputs.get("words")) in LENGTHS:
            self._words.value = words
        if (voice := run.inputs.get("voice")) in (self._voice.options or {}):
            self._voice.value = voice
            self._rewrites.value = rounds if (rounds := run.inputs.get("rewrites")) in REWRITES else 0
            self._target.value = target if (target := run.inputs.get("voice_target")) in TARGETS else VOICE_TARGET

    def _show_state(self) -> None:
        local = self._provider.value == "local"
        self._state.set_content(MODEL_STATES[self._providers.local.state] if local else "")

    async def _send(self) -> None:
        if not self._button.enabled:
            return
        for field in self._fields.values():
            components.no_error(field)
        inputs: dict[str, Any] = {
            "topic": self._topic.value or "",
            "keywords": [word for word in re.split(r"\s*[,;\n]\s*", (self._keywords.value or "").strip()) if word],
            "tone": self._tone.value,
            "words": self._words.value,
            "voice": self._voice.value,
            "rewrites": self._rewrites.value if self._rewriting(None) else 0,
            "voice_target": self._target.value,
        }
        self._button.disable()
        self._button.props("loading")
        try:
            operation = await operation_for(self._briefs, self._actor, PostRequest.parse(inputs))
            run = await self._runs.start(self._actor, operation, provider=self._provider.value)
        except InvalidInput as error:
            self._refuse(error)
        except BlogAIError as error:
            components.show_error(error)
        else:
            ui.navigate.to(f"/runs/{run.id}")
            return
        self._button.props(remove="loading")
        self._button.enable()

    def _refuse(self, error: InvalidInput) -> None:
        """Puts the error beside its field and the keyboard into it."""
        field = self._fields.get((error.field or "").split(".")[0])
        if field is None:
            components.show_error(error)
            return
        components.field_error(field, error)


async def _unfinished(actor: Actor, runs: Runs) -> None:
    """Texts that are being written right now, so that a closed tab loses nothing."""
    try:
        running = await runs.running(actor)
    except BlogAIError as error:
        components.notice(str(error), bad=True)
        return
    if not running:
        return
    components.text("h2", "Being written now", "section-title")
    with ui.element("ul").classes("plain-list"):
        for run in running[:5]:
            with ui.element("li"):
                ui.link(str(run.inputs.get("topic") or run.tool_name), f"/runs/{run.id}")
