"""One written text: read it, copy it, download it, mark it, edit it, delete it."""

import re

from nicegui import ui

from blogai.content.library import Content, Library
from blogai.content.voice_story import changes, story
from blogai.db.database import Actor
from blogai.errors import BlogAIError, InvalidInput
from blogai.providers.registry import Providers
from blogai.web import components
from blogai.web.comparison import compare


def file_name(title: str | None) -> str:
    """A name for the downloaded file."""
    return (re.sub(r"[^\w]+", "-", (title or "").lower()).strip("-")[:80] or "text") + ".md"


def words_of(content: Content) -> int:
    """Words of a text, Markdown marks included where they stand alone."""
    return len(content.output.split())


class TextView:
    """The reading view, which turns into an editor and back."""

    def __init__(self, actor: Actor, library: Library, providers: Providers) -> None:
        self._actor = actor
        self._library = library
        self._providers = providers

    def show(self, content: Content) -> None:
        """Builds the view where it is called."""
        self._content = content
        self._area = ui.element("div").classes("text-view")
        self._read()

    def _read(self) -> None:
        content = self._content
        self._area.clear()
        with self._area:
            with ui.element("div").classes("toolbar"):
                components.copy_button(lambda: self._content.output)
                components.quiet("Download", self._download, icon="download")
                components.quiet("Edit", self._edit, icon="edit")
                with ui.element("div").classes("toolbar-end"):
                    components.star("Mark as favourite", content.is_favorite, self._mark)
                    components.icon_button("delete_outline", "Delete", self._delete)
            components.prose(content.output)
            self._about()
            self._voice()
            self._facts()

    def _about(self) -> None:
        """What belongs to the text but is not part of it: for search engines and for the shelf."""
        metadata = self._content.metadata
        description, tags = metadata.get("description"), metadata.get("tags") or []
        if not description and not tags:
            return
        with ui.element("section").classes("about-text"):
            if description:
                components.text("h2", "Description", "small muted")
                components.text("p", str(description))
            with ui.element("div").classes("tags"):
                for tag in tags:
                    components.text("span", str(tag), "badge")

    def _voice(self) -> None:
        """How well it keeps to the brand voice that it was written in, and what rewriting changed."""
        voice, problem = (self._content.metadata.get(name) for name in ("voice", "voice_problem"))
        if problem:
            components.text("p", f"The voice cannot be scored: {problem}", "small muted")
        if not isinstance(voice, dict):
            return
        with ui.element("section").classes("about-text"):
            with ui.element("div").classes("spread"):
                components.text("h2", f"In the voice {voice['name']}: {voice['after']:.0%}", "small muted")
                ui.link("Sentence by sentence", f"/voices/{voice['profile_id']}/score?content={self._content.id}")
            with ui.element("ul").classes("rounds"):
                for line in story(voice):
                    components.text("li", line)
            if made := changes(voice):
                with ui.expansion("What rewriting changed").classes("settings"):
                    for change in made:
                        titles = ("Before", f"After, {change.score:.0%} with it")
                        compare(change.before, change.after, titles=titles)

    def _facts(self) -> None:
        content = self._content
        with ui.element("footer").classes("text-foot"):
            with ui.element("div").classes("facts"):
                components.fact("Words", f"{words_of(content):,}")
                if content.input_tokens is not None and content.output_tokens is not None:
                    components.fact("Tokens", f"{content.input_tokens + content.output_tokens:,}")
                if content.execution_time_ms:
                    components.fact("Time", f"{content.execution_time_ms / 1000:.1f} s")
                components.fact("Written", f"{content.created_at.astimezone():%-d %B %Y, %H:%M}")
            if content.provider in self._providers.names() and self._providers.kind(content.provider) == "local":
                components.text("span", "Written by a small demo model", "badge")
            else:
                components.text("span", f"Written by {content.provider}", "badge")

    async def _mark(self, wanted: bool) -> bool:
        marked = await self._library.set_favorite(self._actor, self._content.id, wanted)
        shown, now = self._content, await self._library.get(self._actor, self._content.id)
        if (now.title, now.output) == (shown.title, shown.output):
            self._content = now  # the star is a change of the row, but none that an edit could miss
        return marked

    def _download(self) -> None:
        ui.download.content(self._content.output, file_name(self._content.title), "text/markdown; charset=utf-8")

    def _edit(self) -> None:
        self._area.clear()
        with self._area, ui.element("div").classes("stack"):
            title = ui.input("Title", value=self._content.title or "").props("outlined maxlength=300")
            body = (
                ui.textarea("Text (Markdown)", value=self._content.output).props("outlined autogrow").classes("editor")
            )
            with ui.element("div").classes("row-line"):
                components.primary("Save", lambda: self._save(title, body))
                components.quiet("Cancel", self._read)
        components.focus(body)

    async def _save(self, title: ui.input, body: ui.textarea) -> None:
        try:
            self._content = await self._library.edit(
                self._actor,
                self._content.id,
                title=title.value or "",
                output=body.value or "",
                expected=self._content.updated_at,
            )
        except InvalidInput as error:
            components.field_error(title if error.field == "title" else body, error)
            return
        except BlogAIError as error:
            components.show_error(error)
            return
        self._read()
        ui.notify("Saved; the version before is kept")

    async def _delete(self) -> None:
        try:
            await self._library.delete(self._actor, self._content.id)
        except BlogAIError as error:
            components.show_error(error)
            return
        ui.navigate.to(f"/history?deleted={self._content.id}")
