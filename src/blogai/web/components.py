"""Small parts that several pages share. Each function builds its part where it is called.

Buttons name no colour of Quasar's: its rules for those are important and in a layer, so the theme could not win."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from blogai.errors import BlogAIError
from blogai.web.markdown import render


def text(tag: str, words: str, classes: str = "") -> ui.html:
    """An element of plain text; the words are escaped."""
    element = ui.html("", tag=tag, sanitize=False).classes(classes)
    element.set_content(escape(words))
    return element


def escape(words: str) -> str:
    """Text for use inside HTML."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def heading(title: str, lead: str | None = None) -> None:
    """The title of a page and, below it, one sentence on what it is for."""
    text("h1", title, "page-title")
    if lead:
        text("p", lead, "lead")


def prose(markdown: str = "", *, live: bool = False) -> ui.html:
    """Generated text as it is read; `live` shows a cursor behind the last block."""
    return ui.html(render(markdown), sanitize=False).classes("prose live" if live else "prose")


def primary(label: str, on_click: Callable[..., object] | None = None) -> ui.button:
    """The one main action of a page."""
    return ui.button(label, on_click=on_click, color=None).classes("primary").props("unelevated no-caps")


def quiet(label: str, on_click: Callable[..., object] | None = None, *, icon: str | None = None) -> ui.button:
    """Any other action."""
    return ui.button(label, icon=icon, on_click=on_click, color=None).classes("quiet").props("flat no-caps")


def icon_button(
    icon: str, label: str, on_click: Callable[..., object] | None = None, *, about: str | None = None
) -> ui.button:
    """An action that is only an icon; the label is read out and shown as a tooltip.

    Args:
        about: what the action is done to, read out after the label where several have the same one.
    """
    with ui.button(icon=icon, on_click=on_click, color=None) as button:
        ui.tooltip(label)
    button.props["aria-label"] = f"{label}: {about}" if about else label
    return button.classes("plain").props("flat round dense")


def star(label: str, marked: bool, change: Callable[[bool], Awaitable[bool]], *, about: str | None = None) -> ui.button:
    """A star that is set and taken away in its place, where the keyboard stays.

    Args:
        marked: whether it is set.
        change: given whether it is to be set; gives whether it is then. Its error is shown, the star stays as it is.
        about: see `icon_button`.
    """

    def show() -> None:
        button.props(f"icon={'star' if marked else 'star_outline'} aria-pressed={'true' if marked else 'false'}")

    async def toggle() -> None:
        nonlocal marked
        with errors_shown():
            marked = await change(not marked)
        if not button.is_deleted:
            show()

    button = icon_button("star_outline", label, toggle, about=about)
    show()
    return button


def copy_button(content: Callable[[], str], label: str = "Copy") -> ui.button:
    """Puts a text on the clipboard and says so."""

    def copy() -> None:
        ui.clipboard.write(content())
        ui.notify("Copied")

    return quiet(label, copy, icon="content_copy")


def empty_state(title: str, hint: str, action: str | None = None, path: str = "/", *, tag: str = "div") -> None:
    """What a list says while it has nothing: what to do next. For a whole page that is missing the tag is h1."""
    with ui.element("div").classes("empty"):
        text(tag, title, "title")
        text("div", hint)
        if action:
            primary(action, lambda: ui.navigate.to(path))


def dialog(name: str) -> ui.dialog:
    """A dialog, whose name is read out when it opens."""
    made = ui.dialog()
    made.props["aria-label"] = name
    return made


def search_field(placeholder: str, on_change: Callable[..., object], *, value: str = "") -> ui.input:
    """What a list is searched with; what it finds follows the typing."""
    field = ui.input(placeholder=placeholder, value=value, on_change=on_change)
    return field.props('outlined dense debounce=300 clearable type="search" aria-label="Search"').classes("grow")


def spoken() -> ui.html:
    """A line that is not seen and is read out when its content changes."""
    return text("div", "", "unseen").props('role="status"')


def skeleton(lines: int = 4) -> ui.element:
    """Grey lines in the place of text that is still to come."""
    with ui.element("div").classes("stack").props('aria-hidden="true"') as block:
        for number in range(lines):
            ui.element("div").classes("skeleton").style(f"width:{(96, 88, 92, 60)[number % 4]}%")
    return block


def show_error(error: BlogAIError) -> None:
    """An error that belongs to no field: what happened and the remedy, until it is dismissed."""
    ui.notify(str(error), type="negative", timeout=0, close_button="Close", multi_line=True)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Shows an error of the block to the reader; what stands behind it in the block is left out."""
    try:
        yield
    except BlogAIError as error:
        show_error(error)


@contextmanager
def busy(button: ui.button, *, pressed: bool = True) -> Iterator[None]:
    """While the block runs the button turns and takes no second press.

    Args:
        pressed: the keyboard, which a browser takes from a button that is disabled, is given back to it.
    """
    button.disable()
    button.props("loading")
    try:
        yield
    finally:
        button.props(remove="loading")
        button.enable()
        if pressed:
            button.client.run_javascript(
                f"if (document.activeElement === document.body) getHtmlElement({button.id})?.focus()"
            )


def focus(element: ui.element) -> None:
    """Moves the keyboard there: to the element itself if it takes it, else to the first thing inside that does."""
    takes = "a[href],button,input,textarea,[tabindex]"
    element.client.run_javascript(  # its own: what called may be deleted
        f"const at = getHtmlElement({element.id});"
        f" (at?.matches('{takes}') ? at : at?.querySelector('{takes}'))?.focus()"
    )


def replace(field: ui.element, sent: str, value: str = "") -> None:
    """Puts a value into a field in the place of what was sent from it, unless something else was typed there meanwhile.

    Only the browser knows that at once, so it decides.
    """
    field.client.run_javascript(
        f"window.blogaiFill(getHtmlElement({field.id}), {json.dumps(value)}, {json.dumps(sent)})"
    )


def kept(field: ui.textarea) -> ui.textarea:
    """Keeps what is typed into a long field in the browser's tab, so that a reload or the way back does not lose it."""
    return field.props("data-kept")


def notice(words: str, *, bad: bool = False) -> ui.element:
    """A remark in the flow of the page."""
    with (
        ui.element("div")
        .classes("notice bad" if bad else "notice")
        .props(f'role="{"alert" if bad else "status"}"') as box
    ):
        text("div", words)
    return box


def fact(label: str, value: str) -> None:
    """A figure with its name, for a row of facts."""
    ui.html(f"{escape(label)} <b>{escape(value)}</b>", tag="span", sanitize=False)


def no_error(field: ui.element) -> None:
    """Takes an error away from beside its field; a field without one is not sent again, over what is being typed."""
    if "error" in field.props:
        field.props(remove="error error-message")


def field_error(field: ui.element, error: BlogAIError) -> None:
    """Puts an error beside its field and the keyboard into it."""
    words = str(error)  # begins with the name of the field as the API has it
    field.props["error"] = True
    field.props["error-message"] = words[:1].upper() + words[1:]
    field.update()
    focus(field)
