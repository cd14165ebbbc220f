"""One brand voice: its samples, its training, what was learnt, and its settings."""

from typing import Any

from fastapi import Request
from nicegui import events, ui

from blogai.brand.models import Profile, Sample
from blogai.brand.pages import charts
from blogai.brand.pages.profile_settings import Settings
from blogai.brand.pages.voices import PATH, state_of
from blogai.brand.samples import Samples
from blogai.brand.scores import Scores
from blogai.brand.service import Profiles
from blogai.brand.training import Training
from blogai.db.database import Actor, Database
from blogai.errors import BlogAIError, Conflict, InvalidInput
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame
from blogai.web.markdown import excerpt

MOST_FILE = 5_000_000
"""Bytes of an uploaded file."""


def register(database: Database) -> None:
    """Adds the page to the program."""

    @ui.page(PATH + "/{voice}")
    async def profile_page(request: Request, voice: str) -> None:
        actor = current_actor(request)
        with frame("Brand voice", active=PATH):
            try:
                profile = await Profiles(database).get(actor, voice)
            except BlogAIError as error:
                components.empty_state("It is not here", str(error), "To the brand voices", PATH)
                return
            ui.page_title(f"{profile.name} · Blog AI")
            await _Page(actor, database, profile).build()


class _Page:
    def __init__(self, actor: Actor, database: Database, profile: Profile) -> None:
        self._actor = actor
        self._profiles = Profiles(database)
        self._samples = Samples(database)
        self._training = Training(database)
        self._scores = Scores(database)
        self._profile = profile

    async def build(self) -> None:
        with ui.element("header").classes("spread"):
            components.text("h1", self._profile.name, "page-title")
            with ui.element("div").classes("row-line"):
                self._score = components.quiet(
                    "Score a text", lambda: ui.navigate.to(f"{PATH}/{self._profile.slug}/score"), icon="straighten"
                )
                self._default = components.quiet("", self._toggle_default)
        self._show_default()
        self._state = ui.element("div").classes("stack").style("margin-top:16px")
        components.text("h2", "Samples", "section-title")
        self._build_adding()
        self._list = ui.element("div").classes("entries")
        self._learnt = ui.element("div")
        with ui.expansion("Settings").classes("settings"):
            Settings(self._actor, self._profiles, self._profile).build()
        self._timer = ui.timer(1.0, self._watch, active=False)
        await self._load_samples()
        await self._show_state()

    # Training -------------------------------------------------------------

    async def _show_state(self) -> None:
        profile = self._profile = await self._profiles.get(self._actor, self._profile.id)
        state = await self._training.state(self._actor, profile.id)
        busy = state.status in ("analyzing", "training")
        self._timer.active = busy
        self._score.set_visibility(profile.usable)
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
            if not busy and profile.sample_count >= 2 and (profile.needs_training or not profile.usable):
                with ui.element("div"):
                    components.primary("Train" if not profile.usable else "Train again", self._train)
            elif profile.sample_count < 2:
                components.text("p", "Add at least two samples; five to ten are good.", "muted")
        await self._show_learnt()

    async def _train(self) -> None:
        try:
            await self._training.begin(self._actor, self._profile.id)
        except BlogAIError as error:
            components.show_error(error)
        await self._show_state()

    async def _watch(self) -> None:
        state = await self._training.state(self._actor, self._profile.id)
        await self._show_state()
        if state.status not in ("analyzing", "training"):
            await self._load_samples()

    async def _show_learnt(self) -> None:
        self._learnt.clear()
        if not self._profile.usable:
            return
        try:
            voice = await self._scores.fingerprint(self._actor, self._profile.id)
        except Conflict:
            return
        stored = (await self._scores.page(self._actor, self._profile.id, limit=50)).items
        wanted = int(voice.training_report.get("more_samples_wanted", 0))
        with self._learnt:
            components.text("h2", "What was learnt", "section-title")
            if wanted:
                told = "One more sample" if wanted == 1 else f"{wanted} more samples"
                components.text("p", f"{told} of 500 words would make the voice surer.", "muted")
            components.text("p", voice.voice_summary, "prose")
            with ui.element("div").classes("grid-2 charts"):
                self._panel("Tone", charts.radar(dict(voice.tone_distribution)), 300)
                self._panel("Style", charts.radar(charts.traits(voice)), 300)
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
            ui.echart(options).style(f"height:{height}px").props(f'role="img" aria-label="{title}"')

    # Samples --------------------------------------------------------------

    def _build_adding(self) -> None:
        with ui.element("div").classes("panel stack"):
            with ui.tabs().props("dense align=left no-caps") as tabs:
                paste, upload, fetch = (ui.tab(name) for name in ("Paste", "Files", "Web pages"))
            with ui.tab_panels(tabs, value=paste).classes("plain-panels"):
                with ui.tab_panel(paste), ui.element("div").classes("stack"):
                    self._text = ui.textarea(label="A text in this voice").props("outlined autogrow")
                    with ui.element("div"):
                        components.quiet("Add", self._add_text, icon="add")
                with ui.tab_panel(upload):
                    ui.upload(
                        label="txt, md, docx or html",
                        multiple=True,
                        auto_upload=True,
                        max_file_size=MOST_FILE,
                        on_upload=self._add_file,
                        on_rejected=lambda: ui.notify(
                            f"A file is larger than {MOST_FILE // 1_000_000} MB", type="negative"
                        ),
                    ).props('accept=".txt,.md,.docx,.html,.htm" flat bordered')
                with ui.tab_panel(fetch), ui.element("div").classes("stack"):
                    self._urls = ui.textarea(label="Addresses, one a line").props("outlined autogrow")
                    with ui.element("div"):
                        components.quiet("Fetch", self._add_urls, icon="download")

    async def _add_text(self) -> None:
        self._text.props(remove="error error-message")
        try:
            await self._samples.add(self._actor, self._profile.id, self._text.value or "")
        except (InvalidInput, Conflict) as error:
            components.field_error(self._text, error)
            return
        except BlogAIError as error:
            components.show_error(error)
            return
        self._text.value = ""
        await self._changed()

    async def _add_file(self, event: events.UploadEventArguments) -> None:
        try:
            await self._samples.add_file(self._actor, self._profile.id, event.file.name, await event.file.read())
        except BlogAIError as error:
            components.show_error(error)
            return
        await self._changed()

    async def _add_urls(self) -> None:
        self._urls.props(remove="error error-message")
        urls = (self._urls.value or "").split()
        try:
            outcomes = await self._samples.add_urls(self._actor, self._profile.id, urls)
        except InvalidInput as error:
            components.field_error(self._urls, error)
            return
        except BlogAIError as error:
            components.show_error(error)
            return
        failed = [outcome for outcome in outcomes if outcome.problem]
        self._urls.value = "\n".join(outcome.url for outcome in failed)
        for outcome in failed:
            assert outcome.problem is not None
            ui.notify(f"{outcome.url}: {outcome.problem.get('detail')}", type="negative", timeout=10_000)
        await self._changed()

    async def _changed(self) -> None:
        await self._load_samples()
        await self._show_state()

    async def _load_samples(self) -> None:
        page = await self._samples.page(self._actor, self._profile.id, limit=100)
        self._list.clear()
        with self._list:
            for sample in page.items:
                self._sample(sample)

    def _sample(self, sample: Sample) -> None:
        with ui.element("article").classes("entry"):
            with ui.element("div").classes("entry-main"):
                if sample.title:
                    components.text("div", sample.title, "entry-title")
                components.text("p", excerpt(sample.excerpt, sample.title), "entry-excerpt")
                with ui.element("div").classes("facts small"):
                    components.text("span", f"{sample.word_count:,} words")
                    if sample.is_analyzed:
                        components.text("span", f"Fits the others {sample.quality_score:.0%}")
                        if sample.analysis_result.get("consistent") is False:
                            components.text("span", "Unlike the others", "field-error")
                    if sample.source_platform:
                        components.text("span", sample.source_platform)
            with ui.element("div").classes("entry-actions"):
                star = "star" if sample.is_primary_example else "star_outline"
                components.icon_button(star, "Show it to models first", lambda: self._primary(sample))
                components.icon_button("delete_outline", "Delete", lambda: self._delete_sample(sample))

    async def _primary(self, sample: Sample) -> None:
        await self._samples.set_primary(self._actor, self._profile.id, sample.id, not sample.is_primary_example)
        await self._load_samples()

    async def _delete_sample(self, sample: Sample) -> None:
        full = await self._samples.get(self._actor, self._profile.id, sample.id)
        await self._samples.delete(self._actor, self._profile.id, sample.id)
        await self._changed()

        async def undo() -> None:
            bar.delete()
            await self._samples.add(
                self._actor,
                self._profile.id,
                full.content,
                title=full.title,
                content_type=full.content_type,
                source_url=full.source_url,
                source_platform=full.source_platform,
                primary=full.is_primary_example,
            )
            await self._changed()

        with self._list, ui.element("div").classes("notice spread").props('role="status"') as bar:
            components.text("span", "The sample is deleted.")
            components.quiet("Undo", undo, icon="undo")

    def _show_default(self) -> None:
        chosen = self._profile.is_default
        self._default.set_text("Default voice" if chosen else "Make default")
        self._default.set_icon("check" if chosen else "flag")

    async def _toggle_default(self) -> None:
        if self._profile.is_default:
            await self._profiles.clear_default(self._actor)
        else:
            await self._profiles.set_default(self._actor, self._profile.id)
        self._profile = await self._profiles.get(self._actor, self._profile.id)
        self._show_default()
