"""Following a run while it writes, and reading, editing and keeping what was written."""

from typing import Any
from uuid import UUID

from fastapi import Request
from nicegui import background_tasks, ui

from blogai.content.library import Library
from blogai.content.live import LiveText
from blogai.content.models import Run
from blogai.content.pages.text import TextView
from blogai.content.runs import Runs
from blogai.content.voice_story import story
from blogai.db.database import Actor
from blogai.errors import BlogAIError, DatabaseUnavailable, NotFound, RunInterrupted
from blogai.providers.registry import Providers
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import frame
from blogai.web.markdown import render

DRAW = 0.15
"""Seconds between two looks at what is new; quicker than the eye asks for would only cost."""


def register(runs: Runs, library: Library, providers: Providers) -> None:
    """Adds the pages to the program."""

    @ui.page("/runs/{run_id}")
    async def run_page(request: Request, run_id: str) -> None:
        actor = current_actor(request)
        with frame("Writing", active="/"):
            try:
                run = await runs.get(actor, _id(run_id))
            except BlogAIError as error:
                _missing(error)
                return
            view = _RunView(actor, runs, library, providers)
            await view.show(run)

    @ui.page("/content/{content_id}")
    async def content_page(request: Request, content_id: str) -> None:
        actor = current_actor(request)
        with frame("Text", active="/history", narrow=True):
            try:
                content = await library.get(actor, _id(content_id))
            except BlogAIError as error:
                _missing(error)
                return
            ui.page_title(f"{content.title or 'Untitled'} · Blog AI")
            TextView(actor, library, providers).show(content)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _missing(error: BlogAIError) -> None:
    components.empty_state("It is not here", str(error), "Write something new", tag="h1")


class _RunView:
    """One run: outline, text and progress while it lasts, then the result."""

    def __init__(self, actor: Actor, runs: Runs, library: Library, providers: Providers) -> None:
        self._actor = actor
        self._runs = runs
        self._library = library
        self._providers = providers
        self._live = LiveText()
        self._drawn = -1
        self._parts: list[tuple[ui.html, str]] = []
        self._failure: BlogAIError | None = None

    async def show(self, run: Run) -> None:
        """Builds the page; what is over already is shown at once."""
        self._run = run
        self._area = ui.element("div").classes("run")
        if run.over:
            await self._finish()
            return
        with self._area:
            with ui.element("div").classes("run-head"):
                components.text("p", "Writing about", "small muted")
                components.text("h1", str(run.inputs.get("topic") or run.tool_name), "run-topic")
                with ui.element("div").classes("spread").style("margin-top:16px"):
                    self._status = components.text("span", "Planning the outline ...", "muted").props('role="status"')
                    self._stop = components.quiet("Stop", self._cancel, icon="stop")
                self._bar = ui.linear_progress(value=0, show_value=False, size="4px").props(
                    'indeterminate aria-label="Progress"'
                )
                self._rounds = ui.element("ul").classes("rounds small muted").props('aria-label="Voice scores"')
            with ui.element("div").classes("run-body"):
                self._outline = ui.element("ol").classes("outline").props('aria-label="Outline"')
                with ui.element("article").classes("run-text").props('aria-busy="true"') as self._text:
                    self._skeleton = components.skeleton(5)
        task = background_tasks.create(self._follow(), name=f"follow run {run.id}")
        ui.context.client.on_delete(lambda: task.cancel())
        self._timer = ui.timer(DRAW, self._draw)

    async def _follow(self) -> None:
        try:
            async for event in self._runs.events(self._actor, self._run.id):
                self._live.apply(event)
        except BlogAIError as error:
            self._failure = error

    async def _cancel(self) -> None:
        self._stop.disable()
        self._status.set_content("Stopping ...")
        try:
            await self._runs.cancel(self._actor, self._run.id)
        except BlogAIError as error:
            components.show_error(error)
            self._stop.enable()

    async def _draw(self) -> None:
        if self._live.changed == self._drawn and self._failure is None:
            return
        self._drawn = self._live.changed
        if self._live.ended or self._failure is not None:
            self._timer.cancel()
            await self._finish()
            return
        self._draw_text()
        self._draw_outline()

    def _draw_text(self) -> None:
        parts = self._live.parts
        if parts and self._skeleton.visible:
            self._skeleton.set_visibility(False)
        with self._text:
            for number, part in enumerate(parts):
                if number == len(self._parts):
                    self._parts.append((components.prose(part.text, live=True), part.text))
                    if number:
                        self._parts[number - 1][0].classes(remove="live")
                elif self._parts[number][1] != part.text:
                    element = self._parts[number][0]
                    element.set_content(render(part.text))
                    self._parts[number] = (element, part.text)

    def _draw_outline(self) -> None:
        live = self._live
        if not live.outline:
            return
        self._bar.props(remove="indeterminate")
        self._bar.value = live.progress
        self._status.set_content(components.escape(live.status))
        self._rounds.clear()
        with self._rounds:
            for line in story(live.voice) if live.voice else []:
                components.text("li", line)
        self._outline.clear()
        with self._outline:
            for number, title in enumerate(live.outline):
                state = "done" if number < live.current else "current" if number == live.current else ""
                item = components.text("li", title, state)
                if state == "current":
                    item.props('aria-current="step"')

    async def _finish(self) -> None:
        """Replaces the text in the making by the result."""
        try:
            run = self._run = await self._runs.get(self._actor, self._run.id)
        except BlogAIError as error:
            self._say(str(error), {})
            return
        self._area.clear()
        with self._area:
            if run.status == "failed" or run.content_id is None:
                self._failed(run)
                return
            try:
                content = await self._library.get(self._actor, run.content_id)
            except BlogAIError as error:
                self._say(str(error), run.inputs)
                return
            if run.status == "cancelled":
                components.notice("Stopped. What was written until then is kept.")
            ui.page_title(f"{content.title or 'Untitled'} · Blog AI")
            TextView(self._actor, self._library, self._providers).show(content)

    def _failed(self, run: Run) -> None:
        failure = run.failure
        if failure is None:
            self._say("Nothing was written yet. Nothing was charged.", run.inputs, title="Stopped")
        elif isinstance(failure, RunInterrupted | DatabaseUnavailable):  # they say themselves what becomes of the text
            self._say(str(failure), run.inputs)
        else:
            self._say(f"{failure} Nothing was charged.", run.inputs)

    def _say(self, words: str, inputs: dict[str, Any], *, title: str = "That did not work") -> None:
        self._area.clear()
        with self._area:
            components.text("h1", title, "page-title")
            with ui.element("div").classes("stack").style("margin-top:24px"):
                if topic := inputs.get("topic"):
                    components.text("p", f"Topic: {topic}", "muted")
                components.notice(words, bad=title != "Stopped")
                with ui.element("div"):
                    components.primary("Try again", lambda: ui.navigate.to(f"/?again={self._run.id}"))
