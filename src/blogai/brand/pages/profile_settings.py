"""The settings of a brand voice: what its owner says of it, and its end."""

import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from blogai.brand.models import MOST_EXAMPLE, WRITING_STYLES, Profile, ProfileChange
from blogai.brand.pages.voices import PATH
from blogai.brand.service import Profiles
from blogai.db.database import Actor
from blogai.errors import BlogAIError, Conflict, InvalidInput, NotFound
from blogai.web import components

LISTS = ("tone_keywords", "brand_values", "content_themes", "preferred_words", "avoid_words")
"""Fields of the profile that are lists of words."""


class Settings:
    """The form, and what its buttons do."""

    def __init__(
        self, actor: Actor, profiles: Profiles, profile: Profile, on_save: Callable[[Profile], Awaitable[None]]
    ) -> None:
        """Args:
        on_save: called with the profile as it was saved.
        """
        self._on_save = on_save
        self._actor = actor
        self._profiles = profiles
        self._profile = profile

    def build(self) -> None:
        """Builds the form where it is called."""
        profile = self._profile
        form = ui.element("form").classes("stack").style("padding:8px 0 16px").on("submit.prevent", self._save)
        with form:
            self._fields: dict[str, Any] = {
                "name": ui.input("Name", value=profile.name).props("outlined"),
                "writing_style": ui.select(
                    {style: style.capitalize() for style in WRITING_STYLES},
                    value=profile.writing_style,
                    label="Writing style",
                ).props("outlined"),
                "tone_keywords": self._words("How it sounds, in words parted by commas", profile.tone_keywords),
                "target_audience": ui.input("Readers", value=profile.target_audience or "").props("outlined"),
                "industry": ui.input("Field", value=profile.industry or "").props("outlined"),
                "brand_values": self._words("What the brand stands for, parted by commas", profile.brand_values),
                "content_themes": self._words("What it writes about, parted by commas", profile.content_themes),
                "preferred_words": self._words("Words to prefer, parted by commas", profile.preferred_words),
                "avoid_words": self._words("Words to avoid, parted by commas", profile.avoid_words).props(
                    'hint="Inside a longer phrase that is preferred they are allowed."'
                ),
                "example_content": ui.textarea(
                    "A paragraph that sounds right: models see it first", value=profile.example_content or ""
                ).props(f"outlined autogrow maxlength={MOST_EXAMPLE + 1_000}"),
                "slug": ui.input("Short name, for commands and the address", value=profile.slug).props("outlined"),
                "is_active": ui.switch("In use: posts can be written in this voice", value=profile.is_active),
            }
            with ui.element("div").classes("spread"):
                components.quiet("Save").props("type=submit")
                components.quiet("Delete this voice", self._delete).classes(replace="danger")
        self._shown = self._inputs()

    @staticmethod
    def _words(label: str, words: list[str]) -> ui.input:
        return ui.input(label, value=", ".join(words)).props("outlined")

    def _inputs(self) -> dict[str, Any]:
        """What the fields hold."""
        inputs = {name: field.value for name, field in self._fields.items()}
        for name in LISTS:
            inputs[name] = [word for word in re.split(r"\s*[,;\n]\s*", (inputs[name] or "").strip()) if word]
        return inputs

    async def _save(self) -> None:
        """Saves what was changed here; the rest may have been changed elsewhere meanwhile."""
        for field in self._fields.values():
            components.no_error(field)
        inputs = self._inputs()
        edits = {name: value for name, value in inputs.items() if value != self._shown[name]}
        try:
            changed = await self._profiles.edit(self._actor, self._profile.id, ProfileChange.parse(edits))
        except (InvalidInput, Conflict) as error:
            field = self._fields.get((error.field or "").split(".")[0])
            if field is None:
                components.show_error(error)
            else:
                components.field_error(field, error)
            return
        except BlogAIError as error:
            components.show_error(error)
            return
        moved = changed.slug != self._profile.slug
        self._profile, self._shown = changed, inputs
        ui.notify("Saved")
        await self._on_save(changed)
        if moved:
            ui.navigate.to(f"{PATH}/{changed.slug}")

    async def _delete(self) -> None:
        with components.dialog("Delete this voice") as dialog, ui.card():
            components.text("p", f"Delete {self._profile.name} with its samples and scores? This cannot be undone.")
            with ui.element("div").classes("row-line"):
                components.quiet("Delete", lambda: dialog.submit(True)).classes(replace="danger")
                components.quiet("Keep it", lambda: dialog.submit(False))
        if await dialog:
            with contextlib.suppress(NotFound):  # deleted elsewhere; what was wanted is done
                await self._profiles.delete(self._actor, self._profile.id)
            ui.navigate.to(PATH)
