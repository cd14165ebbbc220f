"""One brand voice: its samples, its training, what was learnt, and its settings."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request
from nicegui import ui

from blogai.brand.models import Profile
from blogai.brand.pages import charts
from blogai.brand.pages.profile_samples import SampleList
from blogai.brand.pages.profile_settings import Settings
from blogai.brand.pages.voices import PATH, state_of
from blogai.brand.samples import Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import LEAST_SAMPLES, Training
from blogai.brand.voice.report import doubts
from blogai.db.database import Actor, Database
from blogai.errors import BlogAIError, Conflict, DatabaseUnavailable
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame

SLOW = timedelta(minutes=2)
"""After which a training may be begun once more: what carried it out may be gone."""


def register(database: Database) -> None:
    """Adds the page to the program."""

    @ui.page(PATH + "/{voice}")
    async def profile_page(request: Request, voice: str) -> None:
        actor = current_actor(request)
        with frame("Brand voice", active=PATH):
            try:
                profile = await Profiles(database).get(actor, voice)
            except BlogAIError as error:
                components.empty_state("It is not here", str(error), "To the brand voices", PATH, tag="h1")
                return
            ui.page_title(f"{profile.name} · Blog AI")
            await _Page(actor, database, profile).build()


class _Page:
    def __init__(self, actor: Actor, database: Database, profile: Profile) -> None:
        self._actor = actor
        self._profiles = Profiles(database)
        self._samples = SampleList(actor, Samples(database), profile, self._show_state)
        self._training = Training(database)
        self._scores = Scores(database)
        self._profile = profile

    async def build(self) -> None:
        with ui.element("header").classes("spread"):
            self._name = components.text("h1", self._profile.name, "page-title")
            with ui.element("div").classes("row-line"):
                self._score = components.quiet(
                    "Score a text", lambda: ui.navigate.to(f"{PATH}/{self._profile.slug}/score"), icon="straighten"
                )
                self._default = components.quiet("", self._toggle_default)
        self._show_default()
        self._state = ui.element("div").classes("stack").style("margin-top:16px").props('tabindex="-1"')
        components.text("h2", "Samples", "section-title")
        self._samples.build()
        self._learnt = ui.element("div")
        self._heard = components.spoken()
        self._told = state_of(self._profile)
        with ui.expansion("Settings").classes("settings"):
            Settings(self._actor, self._profiles, self._profile, self._show_settings).build()
        self._timer = ui.timer(1.0, self._watch, active=False)
        await self._show_state()
        await self._samples.load()
        await self._show_learnt()

    async def _show_settings(self, profile: Profile) -> None:
        self._name.set_content(components.escape(profile.name))
        ui.page_title(f"{profile.name} · Blog AI")
        with components.errors_shown():
            await self._show_state()

    # Training -------------------------------------------------------------

    async def _show_state(self) -> None:
        # The state first: a training that ends between the two is looked at once more, not taken for one that runs.
        state = await self._training.state(self._actor, self._profile.id)
        profile = self._profile = await self._profiles.get(self._actor, self._profile.id)
        busy = state.status in ("analyzing", "training")
        ended = self._timer.active and not busy
        self._timer.active = busy
        self._score.set_visibility(profile.usable)
        if (told := state_of(profile)) != self._told:
            self._told = told
            self._heard.set_content(components.escape(told))
        self._state.clear()
        with self._state:
            with ui.element("div").classes("facts"):
                components.fact("State", state_of(profile))
                if profile.usable:
                    components.fact("Training quality", f"{profile.training_quality:.0%}")
            if busy:
                ui.linear_progress(value=state.progress, show_value=False, size="4px").props('aria-label="Training"')
            elif state.problem:
                told = " ".join(str(state.problem.get(key) or "") for key in ("detail", "remedy"))
                components.notice(told, bad=True)
            stuck = busy and datetime.now(UTC) - profile.updated_at > SLOW
            if stuck:
                components.notice("It takes long. If the program that trained was stopped, train again.")
            wanted = not busy and (profile.needs_training or not profile.usable)
            if profile.sample_count >= LEAST_SAMPLES and (stuck or wanted):
                with ui.element("div"):
                    components.primary("Train" if not profile.usable else "Train again", self._train)
            elif profile.sample_count < LEAST_SAMPLES:
                components.text("p", "Add at least two samples; five to ten are good.", "muted")
            if profile.is_default and not (profile.usable and profile.is_active):
                why = "in use" if profile.usable else "trained"
                components.text("p", f"The default voice applies to posts once it is {why}.", "muted")
        if ended:
            await self._samples.load()
            await self._show_learnt()

    async def _train(self) -> None:
        with components.errors_shown():
            await self._training.begin(self._actor, self._profile.id)
            self._timer.active = True
        with self._state, components.errors_shown():
            await self._show_state()
            components.focus(self._state)  # the button is gone

    async def _watch(self) -> None:
        """While a training runs: how far it is, and in the end what came of it."""
        try:
            await self._show_state()
        except DatabaseUnavailable:
            return  # the next look may find it again
        except BlogAIError as error:  # the voice was deleted meanwhile
            self._timer.active = False
            components.show_error(error)

    async def _show_learnt(self) -> None:
        if not self._profile.usable:
            self._learnt.clear()
            return
        try:
            voice = await self._scores.fingerprint(self._actor, self._profile.id)
        except Conflict:
            return
        stored = (await self._scores.page(self._actor, self._profile.id, limit=50)).items
        doubt = "; ".join(doubts(voice.training_report))
        self._learnt.clear()
        with self._learnt:
            components.text("h2", "What was learnt", "section-title")
            if doubt:
                components.text("p", f"{doubt[0].upper()}{doubt[1:]}. Good samples have 500 words.", "muted")
            components.text("p", voice.voice_summary, "prose")
            with ui.element("div").classes("grid-2 charts"):
                self._panel("Tone", charts.radar(dict(voice.tone_distribution)), 340)
                self._panel("Style", charts.radar(charts.traits(voice)), 340)
                self._panel("Words in a sentence", charts.sentence_lengths(voice), 260)
                with ui.element("section").classes("panel"):
                    components.text("h3", "Words and phrases", "small muted")
                    with ui.element("div").classes("tags").style("margin-top:12px"):
                        for word in list(voice.vocabulary_profile["common_words"])[:24]:
                            components.text("span", word, "badge")
                        for phrase in list(voice.vocabulary_profile["repeated_phrases"])[:8]:
                            components.text("span", phrase, "badge")
            if len(stored) > 1:
                ui.element("div").style("height:16px")
                self._panel("Scores over time", charts.trend(stored), 220)

    @staticmethod
    def _panel(title: str, options: dict[str, Any], height: int) -> None:
        with ui.element("section").classes("panel"):
            components.text("h3", title, "small muted")
            chart = ui.echart(options).style(f"height:{height}px").props("role=img")
            chart.props["aria-label"] = charts.in_words(title, options)

    # The default voice ----------------------------------------------------

    def _show_default(self) -> None:
        chosen = self._profile.is_default
        self._default.set_text("Default voice" if chosen else "Make default")
        self._default.set_icon("check" if chosen else "flag")

    async def _toggle_default(self) -> None:
        with components.errors_shown():
            if self._profile.is_default:
                await self._profiles.clear_default(self._actor)
            else:
                await self._profiles.set_default(self._actor, self._profile.id)
            await self._show_state()
            self._show_default()
