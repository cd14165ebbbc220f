"""The list of brand voices, and a new one."""

from fastapi import Request
from nicegui import ui

from blogai.brand.models import Profile
from blogai.brand.service import NewProfile, Page, Profiles
from blogai.db.database import Actor, Database
from blogai.errors import BlogAIError, InvalidInput
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame

PATH = "/voices"

STATES = {
    "untrained": "Not trained yet",
    "analyzing": "Reading the samples ...",
    "training": "Training ...",
    "trained": "Trained",
    "failed": "Training failed",
}

OUTDATED = {
    "samples-changed": "Trained; the samples have changed since",
    "older-version": "Trained by another version of the measure: train it again",
    "untrained": "Not trained yet",
    "failed": "Training failed",
}


def state_of(profile: Profile) -> str:
    """How far a voice is, in a few words."""
    if profile.training_status == "trained" and profile.needs_training:
        return OUTDATED[profile.needs_training]
    return STATES[profile.training_status]


def register(database: Database) -> None:
    """Adds the page to the program."""

    @ui.page(PATH)
    async def voices_page(request: Request, search: str = "") -> None:
        with frame("Brand voices", active=PATH):
            components.heading(
                "Brand voices",
                "A voice is learnt from texts that sound right. Five samples of 300 words are a good start.",
            )
            view = _Voices(current_actor(request), Profiles(database))
            view.build(search)
            await view.load()


class _Voices:
    def __init__(self, actor: Actor, profiles: Profiles) -> None:
        self._actor = actor
        self._profiles = profiles
        self._next: str | None = None
        self._generation = 0

    def build(self, search: str) -> None:
        """The new voice, the search, the list and the button for more.

        Args:
            search: what is searched at first.
        """
        with ui.element("form").classes("filters").on("submit.prevent", self._create):
            self._name = (
                ui.input(label="Name of a new voice", placeholder="Our blog")
                .props("outlined maxlength=100")
                .classes("grow")
            )
            self._button = components.primary("Create", self._create)
        with ui.element("div").classes("filters").props('role="search"') as self._searching:
            self._search = components.search_field("Search by name", self.load, value=search)
        self._found = components.spoken()
        self._list = ui.element("div").classes("entries").props('role="list"')
        self._empty = ui.element("div")
        self._more = components.quiet("Show more", self._load_more)
        self._more.set_visibility(False)

    async def load(self) -> None:
        """The first page for what is searched now."""
        self._generation += 1
        mine, searched = self._generation, bool((self._search.value or "").strip())
        page = await self._page(None)
        if page is None or mine != self._generation:
            return
        self._list.clear()
        self._empty.clear()
        self._searching.set_visibility(bool(searched or page.items))
        self._add(page)
        if searched:
            self._found.set_content(f"{len(page.items)}{' or more' if page.next else ''} found")
        with self._empty:
            if searched and not page.items:
                components.empty_state("Nothing found", "Try another part of the name.")
            elif not page.items:
                components.empty_state("No voice yet", "Give it a name, then add texts that sound like you.")

    async def _load_more(self) -> None:
        mine = self._generation
        page = await self._page(self._next)
        if page is not None and mine == self._generation:
            first = self._add(page)
            if first is not None:
                components.focus(first)  # the button may be gone

    async def _page(self, cursor: str | None) -> Page[Profile] | None:
        components.no_error(self._search)
        try:
            return await self._profiles.page(self._actor, search=self._search.value, cursor=cursor)
        except InvalidInput as error:
            components.field_error(self._search, error)
        except BlogAIError as error:
            components.show_error(error)
        return None

    def _add(self, page: Page[Profile]) -> ui.element | None:
        """Lists the voices of a page; the first of them."""
        self._next = page.next
        self._more.set_visibility(page.next is not None)
        with self._list:
            entries = [self._entry(profile) for profile in page.items]
        return entries[0] if entries else None

    def _entry(self, profile: Profile) -> ui.element:
        with (
            ui.element("div").classes("entry").props('role="listitem"') as entry,
            ui.element("div").classes("entry-main"),
        ):
            with ui.element("div").classes("row-line"):
                ui.link(profile.name, f"{PATH}/{profile.slug}").classes("entry-title")
                if profile.is_default:
                    components.text("span", "Default", "badge")
                if not profile.is_active:
                    components.text("span", "Switched off", "badge")
            with ui.element("div").classes("facts small"):
                components.text("span", state_of(profile))
                components.text("span", "1 sample" if profile.sample_count == 1 else f"{profile.sample_count} samples")
                if profile.usable:
                    components.text("span", f"Quality {profile.training_quality:.0%}")
        return entry

    async def _create(self) -> None:
        if not self._button.enabled:
            return
        components.no_error(self._name)
        self._button.disable()  # for good when it was made: the page is left
        try:
            profile = await self._profiles.create(self._actor, NewProfile.parse({"name": self._name.value or ""}))
        except InvalidInput as error:
            components.field_error(self._name, error)
        except BlogAIError as error:
            components.show_error(error)
        else:
            ui.navigate.to(f"{PATH}/{profile.slug}")
            return
        self._button.enable()
