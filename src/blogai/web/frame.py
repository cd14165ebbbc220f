"""The frame of every page: navigation, light and dark, one main region."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nicegui import app, ui

from blogai.web import components

STATIC = Path(__file__).parent / "static"

BREAKPOINT = 900
"""Width of a window in pixels up to which the rail is a menu; the theme has it, too."""

# The theme is the browser's alone: an element of the server's would set it again at every answer. So is what is typed.
_SCRIPT = """
<script>
window.blogaiToggleTheme = () => {
  const dark = !Quasar.Dark.isActive;
  Quasar.Dark.set(dark);
  document.cookie = `theme=${dark ? 'dark' : 'light'};path=/;max-age=31536000;samesite=lax`;
};
window.blogaiFill = (field, value, before) => {
  if (!field || field.value !== before || value === before) return;
  field.value = value;
  field.dispatchEvent(new Event('input', {bubbles: true}));
};
const keptAs = (field) => `kept ${location.pathname} ${field.getAttribute('aria-label')}`;
const restored = new WeakSet();
document.addEventListener('input', (event) => {
  if (!event.target.matches('[data-kept]')) return;
  try {
    sessionStorage.setItem(keptAs(event.target), event.target.value);
  } catch { /* there is no more room, or the browser keeps nothing */ }
});
const restore = () => document.querySelectorAll('[data-kept]').forEach((field) => {
  if (restored.has(field)) return;
  restored.add(field);
  let text = null;
  try { text = sessionStorage.getItem(keptAs(field)); } catch { /* as above */ }
  if (text) window.blogaiFill(field, text, '');
});
document.addEventListener('DOMContentLoaded', () => {
  restore();
  new MutationObserver(restore).observe(document.body, {childList: true, subtree: true});
  const kept = /(?:^|; )theme=(dark|light)(?:;|$)/.exec(document.cookie);
  if (kept) Quasar.Dark.set(kept[1] === 'dark');
});
</script>
"""


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation.

    Attributes:
        icon: name of a Material symbol.
        order: entries are listed by rising order.
    """

    label: str
    path: str
    icon: str
    order: int


_nav: list[NavItem] = []


def add_to_navigation(item: NavItem) -> None:
    """Lists a page in the navigation of every page."""
    if item not in _nav:
        _nav.append(item)
        _nav.sort(key=lambda entry: entry.order)


def install() -> None:
    """Serves the theme. Call once per program."""
    app.add_static_files("/static", STATIC, max_cache_age=3600)
    app.colors(primary="#2F5D50", secondary="#6B6660", negative="#A33A2A", positive="#2F5D50", dark_page="#151412")


def _wordmark() -> None:
    ui.html('Blog&thinsp;AI<span class="dot">.</span>', tag="a", sanitize=False).classes("wordmark").props(
        'href="/" aria-label="Blog AI, to the first page"'
    )


def _theme_button() -> None:
    components.icon_button("contrast", "Switch between light and dark").on(
        "click", js_handler="() => window.blogaiToggleTheme()"
    )


def _menu_keys(rail: ui.left_drawer, nav: ui.element, menu: ui.button) -> None:
    """A rail that is a menu over the page takes the keyboard when it opens; Escape closes it and gives that back."""
    narrow = f"innerWidth <= {BREAKPOINT}"
    rail.on("show", js_handler=f"() => {{ if ({narrow}) getHtmlElement({nav.id})?.querySelector('a')?.focus() }}")

    def close() -> None:
        rail.hide()
        components.focus(menu)

    rail.on("keydown.escape", close, js_handler=f"(event) => {{ if ({narrow}) emit(event.key) }}")


@contextmanager
def frame(title: str, *, active: str, narrow: bool = False) -> Iterator[None]:
    """Puts the frame around what is built inside.

    Args:
        title: of the browser's tab.
        active: path of the navigation entry to mark.
        narrow: for a column of text.
    """
    ui.page_title(f"{title} · Blog AI")
    ui.add_head_html('<link rel="stylesheet" href="/static/theme.css">' + _SCRIPT)
    with ui.left_drawer(value=False).classes("rail").props(f"width=232 breakpoint={BREAKPOINT} show-if-above") as rail:
        ui.html("Skip to the content", tag="a", sanitize=False).classes("skip-link").props('href="#content"')
        _wordmark()
        with ui.element("nav").classes("nav").props('aria-label="Pages"') as nav:
            for item in _nav:
                with ui.element("a").props(f'href="{item.path}"') as link:
                    if item.path == active:
                        link.props('aria-current="page"')
                    ui.icon(item.icon).props('aria-hidden="true"')
                    ui.label(item.label)
        with ui.element("div").classes("rail-foot"):
            ui.label("Local owner")
            _theme_button()
    with ui.header(elevated=False).classes("topbar"), ui.element("div").classes("row-bar"):
        menu = components.icon_button("menu", "Open the menu", rail.toggle)
        _wordmark()
    _menu_keys(rail, nav, menu)
    # Quasar's page is the main landmark already.
    with ui.element("div").classes("page narrow" if narrow else "page").props('id="content" tabindex="-1"'):
        yield
