"""A reader's picture of a text in the making: events in, state out. Knows neither page nor terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blogai.content.models import Event, replaced


@dataclass
class Part:
    """A part of the text: its name in the outline and its Markdown so far."""

    title: str | None
    text: str
    start: int = 0
    """Length of the text that came with the section itself, which a restart keeps."""


@dataclass
class LiveText:
    """The state after the events applied so far.

    Attributes:
        outline: names of the parts to come, as planned.
        parts: the parts begun, in order.
        restarts: how often text was thrown away and begun again.
        step: what is being done, as `writing` or `voice`, once an event told.
        voice: the scores in a brand voice so far, as in the metadata of the post.
        ended: the kind of the last event once the run is over.
        result: the data of that event.
        changed: counts the changes, so that a view knows when to draw.
    """

    title: str | None = None
    outline: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    restarts: int = 0
    note: str | None = None
    step: str | None = None
    voice: Mapping[str, Any] | None = None
    ended: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    last_id: int = 0
    changed: int = 0

    @property
    def text(self) -> str:
        """All Markdown so far."""
        return "".join(part.text for part in self.parts)

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def sections(self) -> list[Part]:
        """The parts that have a name, but for those that were left out after all."""
        return [part for part in self.parts if part.title and part.text]

    @property
    def current(self) -> int:
        """The part in work, counted from 0 in the outline; its length when all are written and a title is sought."""
        return len(self.outline) if self.step in ("voice", "meta") else max(0, len(self.sections) - 1)

    @property
    def progress(self) -> float:
        """Share of the planned parts that are written, 0 to 1; the part in work counts half."""
        if self.ended:
            return 1.0
        if not self.outline:
            return 0.0
        return min(0.98, max(0.02, (len(self.sections) - 0.5) / len(self.outline)))

    @property
    def status(self) -> str:
        """How far it is, in one line."""
        if not self.outline:
            return "Planning the outline ..."
        if self.step in ("answers", "voice", "meta") and self.note:
            return self.note
        words = f" · {self.words:,} words" if self.words else ""
        return f"Section {max(1, len(self.sections))} of {len(self.outline)}{words}"

    def apply(self, event: Event) -> None:
        """Takes one event; one that was applied before is passed over."""
        if event.id <= self.last_id:
            return
        self.last_id = event.id
        self.changed += 1
        data = event.data
        match event.kind:
            case "outline" | "meta":
                self.title = data.get("title") or self.title
                headings = data.get("sections") or data.get("headings")
                if event.kind == "outline" and headings:
                    self.outline = [str(item.get("title") if isinstance(item, Mapping) else item) for item in headings]
            case "section":
                text = str(data.get("text") or "")
                self.parts.append(Part(data.get("title"), text, len(text)))
            case "delta":
                if not self.parts:
                    self.parts.append(Part(None, ""))
                self.parts[-1].text += str(data.get("text", ""))
            case "restart":
                self.restarts += 1
                if self.parts:
                    self.parts[-1].text = self.parts[-1].text[: self.parts[-1].start]
            case "progress":
                self.note = data.get("note") or data.get("message") or self.note
                self.step = data.get("step") or self.step
                self.voice = data.get("voice") or self.voice
                if change := data.get("change"):
                    for part in self.parts:
                        part.text = replaced(part.text, change["before"], change["after"])
            case "finished" | "failed" | "cancelled":
                self.ended, self.result = event.kind, data
                self.title = data.get("title") or self.title
