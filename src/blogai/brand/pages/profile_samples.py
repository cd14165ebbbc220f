"""The samples of a brand voice: three ways to add some, and the list of those that are there."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from blogai.brand.models import FullSample, Profile, Sample
from blogai.brand.reading import MOST_BYTES
from blogai.brand.sample_checks import MOST
from blogai.brand.samples import Samples
from blogai.db.database import Actor
from blogai.errors import BlogAIError, Conflict, InvalidInput
from blogai.web import components
from blogai.web.markdown import excerpt

ENDINGS = ".txt,.md,.docx,.html,.htm"

_CHOOSE = """
<div class="row-line">
  <q-btn class="quiet" flat no-caps icon="upload_file" label="Choose files" @click="props.pickFiles">
    <q-uploader-add-trigger></q-uploader-add-trigger>
  </q-btn>
  <span class="muted">txt, md, docx or html; they can be dropped here, too</span>
</div>
"""
"""Quasar's own head has a button without a name."""
_REJECTED = "(entries) => emit(entries.map((one) => [one.file.name, one.failedPropValidation]))"


class SampleList:
    """Adds, lists, marks and deletes samples; what is refused is told by its name until the next attempt."""

    def __init__(
        self, actor: Actor, samples: Samples, profile: Profile, on_change: Callable[[], Awaitable[None]]
    ) -> None:
        """Args:
        on_change: called when a sample was added or deleted.
        """
        self._actor = actor
        self._samples = samples
        self._profile_id = profile.id
        self._on_change = on_change

    def build(self) -> None:
        """Builds the view where it is called; `load` fills it."""
        with ui.element("div").classes("panel stack"):
            with ui.tabs().props("dense align=left no-caps") as tabs:
                paste, upload, fetch = (ui.tab(name) for name in ("Paste", "Files", "Web pages"))
            with ui.tab_panels(tabs, value=paste).classes("plain-panels"):
                with ui.tab_panel(paste), ui.element("div").classes("stack"):
                    self._text = components.kept(ui.textarea(label="A text in this voice")).props(
                        f"outlined autogrow maxlength={MOST + 1_000}"  # enough to be refused for its length
                    )
                    with ui.element("div"):
                        self._add = components.quiet("Add", self._add_text, icon="add")
                with ui.tab_panel(upload):
                    self._upload = (
                        ui.upload(
                            multiple=True,
                            auto_upload=True,
                            max_file_size=MOST_BYTES,
                            on_multi_upload=self._add_files,
                        )
                        .props(f'accept="{ENDINGS}" flat bordered')
                        .on("rejected", self._tell_rejected, js_handler=_REJECTED)
                    )
                    self._upload.add_slot("header", _CHOOSE)
                with ui.tab_panel(fetch), ui.element("div").classes("stack"):
                    self._urls = components.kept(ui.textarea(label="Addresses, one a line")).props("outlined autogrow")
                    with ui.element("div"):
                        self._fetch = components.quiet("Fetch", self._add_urls, icon="download")
            self._refused = ui.element("ul").classes("plain-list refused").props('role="alert"')
            self._refused.set_visibility(False)
        self._undo = ui.element("div").classes("undo")
        self._list = ui.element("div").classes("entries").props('role="list"')

    async def load(self) -> None:
        """Shows what is there now.

        Raises:
            NotFound: the voice was deleted.
        """
        page = await self._samples.page(self._actor, self._profile_id, limit=100)
        self._list.clear()
        with self._list:
            for sample in page.items:
                self._entry(sample)

    async def _changed(self) -> None:
        with self._undo, components.errors_shown():  # what was pressed may be gone, and errors need a place
            await self.load()
            await self._on_change()

    # Adding ---------------------------------------------------------------

    async def _add_text(self) -> None:
        components.no_error(self._text)
        text = self._text.value or ""
        with components.busy(self._add):
            try:
                await self._samples.add(self._actor, self._profile_id, text)
            except (InvalidInput, Conflict) as error:
                components.field_error(self._text, error)
                return
            except BlogAIError as error:
                components.show_error(error)
                return
            components.replace(self._text, text)
            await self._changed()

    async def _add_files(self, event: events.MultiUploadEventArguments) -> None:
        refused = []
        for file in event.files:
            try:
                await self._samples.add_file(self._actor, self._profile_id, file.name, await file.read())
            except BlogAIError as error:
                refused.append((file.name, str(error)))
        self._upload.reset()
        self._tell(refused)
        await self._changed()

    def _tell_rejected(self, event: events.GenericEventArguments) -> None:
        """Files that the browser does not even send."""
        reasons = {
            "accept": "Files of this kind are not read. Use txt, md, docx or html.",
            "max-file-size": f"It is larger than {MOST_BYTES // 1_000_000} MB. Split it, or paste its text.",
        }
        self._tell([(str(name), reasons.get(str(why), "It is here twice.")) for name, why in event.args])

    async def _add_urls(self) -> None:
        components.no_error(self._urls)
        text = self._urls.value or ""
        with components.busy(self._fetch):
            try:
                outcomes = await self._samples.add_urls(self._actor, self._profile_id, text.split())
            except InvalidInput as error:
                components.field_error(self._urls, error)
                return
            except BlogAIError as error:
                components.show_error(error)
                return
            refused = [(one.url, one.problem) for one in outcomes if one.problem]
            components.replace(self._urls, text, "\n".join(url for url, _ in refused))
            self._tell([(url, f"{problem['detail']} {problem.get('remedy', '')}") for url, problem in refused])
            await self._changed()

    def _tell(self, refused: list[tuple[str, str]]) -> None:
        """What was refused, each with its reason."""
        self._refused.clear()
        self._refused.set_visibility(bool(refused))
        with self._refused:
            for name, why in refused:
                with ui.element("li"):
                    if not why.startswith(name):
                        components.text("b", name)
                        components.text("span", ": ")
                    components.text("span", why)

    # The list -------------------------------------------------------------

    def _entry(self, sample: Sample) -> None:
        with ui.element("div").classes("entry").props('role="listitem"'):
            with ui.element("div").classes("entry-main"):
                if sample.title:
                    components.text("div", sample.title, "entry-title")
                components.text("p", excerpt(sample.excerpt, sample.title), "entry-excerpt")
                with ui.element("div").classes("facts small"):
                    components.text("span", f"{sample.word_count:,} words")
                    if sample.fit is not None:
                        components.text("span", f"Fits the others {sample.fit:.0%}")
                        if sample.analysis_result.get("consistent") is False:
                            components.text("span", "Unlike the others", "field-error")
                    if sample.source_platform:
                        components.text("span", sample.source_platform)
            with ui.element("div").classes("entry-actions"):
                components.icon_button("article", "Read", lambda: self._read(sample), about=sample.label)
                components.star(
                    "Show it to models first",
                    sample.is_primary_example,
                    lambda wanted: self._mark(sample, wanted),
                    about=sample.label,
                )
                components.icon_button("delete_outline", "Delete", lambda: self._delete(sample), about=sample.label)

    async def _read(self, sample: Sample) -> None:
        """The whole text, as it was taken out of its file or page."""
        with components.errors_shown():
            full = await self._samples.get(self._actor, self._profile_id, sample.id)
            with components.dialog(full.label) as dialog, ui.card().classes("sample-text"):
                if full.title:
                    components.text("h2", full.title, "entry-title")
                if full.source_url:
                    ui.link(full.source_url, full.source_url, new_tab=True).classes("small")
                components.text("div", full.content, "prose heat")
                components.quiet("Close", dialog.close)
            dialog.on("hide", dialog.delete)
            dialog.open()

    async def _mark(self, sample: Sample, wanted: bool) -> bool:
        try:
            changed = await self._samples.set_primary(self._actor, self._profile_id, sample.id, wanted)
        except BlogAIError as error:  # it may have been deleted elsewhere
            components.show_error(error)
            with components.errors_shown():
                await self.load()
            return not wanted
        return changed.is_primary_example

    async def _delete(self, sample: Sample) -> None:
        with components.errors_shown():
            full = await self._samples.get(self._actor, self._profile_id, sample.id)
            await self._samples.delete(self._actor, self._profile_id, sample.id)
            self._offer_undo(full)
        await self._changed()

    def _offer_undo(self, full: FullSample) -> None:
        async def undo() -> None:
            button.disable()
            try:
                await self._samples.add(
                    self._actor,
                    self._profile_id,
                    full.content,
                    title=full.title,
                    content_type=full.content_type,
                    source_url=full.source_url,
                    source_platform=full.source_platform,
                    primary=full.is_primary_example,
                )
            except BlogAIError as error:  # the text is still here and nowhere else
                components.show_error(error)
                button.enable()
                return
            self._undo.clear()
            await self._changed()
            components.focus(self._list)  # the newest, which is the one that is back, comes first

        self._undo.clear()
        with self._undo, ui.element("div").classes("notice spread").props('role="status"') as bar:
            components.text("span", f"“{full.label}” is deleted.")
            button = components.quiet("Undo", undo, icon="undo")
        components.focus(bar)
