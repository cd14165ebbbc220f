"""The History page: everything that was written, found again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from fastapi import Request
from nicegui import ui

from blogai.content.library import Filter, Library, Summary
from blogai.db.database import Actor
from blogai.errors import BlogAIError
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame
from blogai.web.markdown import excerpt

PATH = "/history"
PERIODS = {0: "Any time", 1: "Last 24 hours", 7: "Last 7 days", 30: "Last 30 days", 365: "Last year"}
ANY_TOOL, ANY_PROVIDER = "Any tool", "Any provider"
PAGE = 20


def register(library: Library) -> None:
    """Adds the page to the program."""

    @ui.page(PATH)
    async def history_page(request: Request, deleted: str | None = None) -> None:
        with frame("History", active=PATH):
            components.heading("History", "Everything you wrote, the newest first.")
            view = _History(current_actor(request), library)
            view.build()
            await view.offer_sources()
            await view.load()
            if deleted is not None:
                view.offer_undo(deleted)


class _History:
    def __init__(self, actor: Actor, library: Library) -> None:
        self._actor = actor
        self._library = library
        self._next: str | None = None
        self._count = 0
        self._generation = 0

    def build(self) -> None:
        """Search, filters, list, and the button for more."""
        with ui.element("div").classes("filters").props('role="search"'):
            self._search = components.search_field("Search in titles and texts", self.load)
            self._period = ui.select(PERIODS, value=0, on_change=self.load).props(
                'outlined dense options-dense aria-label="When"'
            )
            self._tool = self._choice(ANY_TOOL, "Tool")
            self._provider = self._choice(ANY_PROVIDER, "Provider")
            self._favourites = ui.switch("Favourites", on_change=self.load)
        self._undo = ui.element("div")
        self._list = ui.element("div").classes("entries").props('role="list"')
        with ui.element("div").style("margin-top:24px"):
            self._more = components.quiet("Show more", self._load_more)
            self._more.set_visibility(False)

    def _choice(self, everything: str, label: str) -> ui.select:
        """A filter that shows once there is something to choose."""
        select = ui.select({"": everything}, value="", on_change=self.load)
        select.props(f'outlined dense options-dense aria-label="{label}"').set_visibility(False)
        return select

    async def offer_sources(self) -> None:
        """Lets the reader choose among the tools and providers that wrote something here."""
        try:
            sources = await self._library.sources(self._actor)
        except BlogAIError as error:
            components.show_error(error)
            return
        tools = {source.tool_id: source.tool_name or source.tool_id for source in sources}
        providers = {source.provider: source.provider for source in sources}
        for select, everything, found in ((self._tool, ANY_TOOL, tools), (self._provider, ANY_PROVIDER, providers)):
            select.set_options({"": everything} | found, value="")
            select.set_visibility(len(found) > 1)

    @property
    def _filtered(self) -> bool:
        chosen = (self._search, self._favourites, self._period, self._tool, self._provider)
        return any(field.value for field in chosen)

    async def load(self) -> None:
        """The first page for what is searched now."""
        self._generation += 1
        mine = self._generation
        page = await self._page(None)
        if page is None or mine != self._generation:
            return
        self._list.clear()
        self._count = 0
        with self._list:
            self._add(page)
            if not self._count:
                if self._filtered:
                    components.empty_state("Nothing found", "Try other words, or take the filters away.")
                else:
                    components.empty_state(
                        "Nothing written yet", "What you write is kept here and can be searched.", "Write a post"
                    )

    async def _load_more(self) -> None:
        page = await self._page(self._next)
        if page is not None:
            with self._list:
                self._add(page)

    async def _page(self, cursor: str | None) -> list[Summary] | None:
        days = int(self._period.value or 0)
        try:
            page = await self._library.page(
                self._actor,
                Filter(
                    search=(self._search.value or "").strip() or None,
                    favorites=bool(self._favourites.value),
                    tool_id=self._tool.value or None,
                    provider=self._provider.value or None,
                    since=datetime.now(UTC) - timedelta(days=days) if days else None,
                ),
                cursor=cursor,
                limit=PAGE,
            )
        except BlogAIError as error:
            components.show_error(error)
            return None
        self._next = page.next
        self._more.set_visibility(page.next is not None)
        return list(page.items)

    def _add(self, items: list[Summary]) -> None:
        for item in items:
            self._count += 1
            self._entry(item)

    def _entry(self, item: Summary) -> None:
        name = item.title or "Untitled"
        with ui.element("div").classes("entry").props('role="listitem"') as entry:
            with ui.element("div").classes("entry-main"):
                ui.link(name, f"/content/{item.id}").classes("entry-title")
                components.text("p", excerpt(item.excerpt, item.title), "entry-excerpt")
                written = f"{item.created_at.astimezone():%-d %B %Y}"
                facts = (written, item.tool_name or item.tool_id, item.provider)
                components.text("div", " · ".join(facts), "small muted")
            with ui.element("div").classes("entry-actions"):
                components.star(
                    "Favourite",
                    item.is_favorite,
                    lambda wanted: self._library.set_favorite(self._actor, item.id, wanted),
                    about=name,
                )
                components.icon_button("delete_outline", "Delete", lambda: self._delete(item, entry), about=name)

    async def _delete(self, item: Summary, entry: ui.element) -> None:
        try:
            await self._library.delete(self._actor, item.id)
        except BlogAIError as error:
            components.show_error(error)
            return
        entry.delete()
        self.offer_undo(str(item.id), item.title)

    def offer_undo(self, content_id: str, title: str | None = None) -> None:
        """Says that a text is deleted and takes it back on request."""

        async def restore() -> None:
            try:
                await self._library.restore(self._actor, UUID(content_id))
            except (ValueError, BlogAIError) as error:
                ui.notify(str(error), type="negative")
                return
            self._undo.clear()
            await self.load()

        self._undo.clear()
        with self._undo, ui.element("div").classes("notice spread").props('role="status"'):
            components.text("span", f"“{title}” is deleted." if title else "The text is deleted.")
            components.quiet("Undo", restore, icon="undo")
