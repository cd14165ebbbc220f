"""A text in the making on a terminal: finished parts stay, the part in work is redrawn, one line says how far it is."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from blogai.content.live import LiveText
from blogai.content.models import Event
from blogai.terminal import console, notices

TAIL = 12
"""Lines of the part in work that are shown; more would not fit the window, and what scrolls cannot be redrawn."""


class Screen:
    """Prints Markdown to standard output part by part.

    A part is printed for good only when the next one begins, because until then the model may take it back. The part
    in work is shown below the finished ones, with a line of progress. Without text the line goes to standard error, if
    that is a terminal.
    """

    def __init__(self, *, text: bool) -> None:
        """Args:
        text: False shows the progress line alone: standard output is no terminal, or not for a draft.
        """
        self.live = LiveText()
        self._text = text
        self._printed = 0
        target: Console = console() if text else notices()
        self._area = Live(console=target, transient=True, refresh_per_second=8, redirect_stdout=False)
        self._shown = target.is_terminal

    def __enter__(self) -> Self:
        if self._shown:
            self._area.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._print_finished(len(self.live.parts))
        if self._shown:
            self._area.update(Text(""))
            self._area.stop()

    def apply(self, event: Event) -> None:
        """Takes an event and shows what has changed."""
        self.live.apply(event)
        self._print_finished(len(self.live.parts) - 1)
        if self._shown:
            self._area.update(self._picture())

    def _print_finished(self, count: int) -> None:
        for part in self.live.parts[self._printed : max(count, self._printed)]:
            if self._text:
                self._area.console.print(Text(part.text.strip("\n") + "\n"))
        self._printed = max(self._printed, count)

    def _picture(self) -> Group:
        lines = []
        if self._text and self._printed < len(self.live.parts):
            width = max(20, self._area.console.width)
            part = Text(self.live.parts[-1].text.lstrip("\n"))
            lines = part.wrap(self._area.console, width)[-TAIL:]
        return Group(*lines, Text(self.live.status, style="dim"))
