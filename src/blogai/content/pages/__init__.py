"""Browser: write, follow a run, read and edit, history."""

from blogai.brand.brief import Briefs
from blogai.brand.service import Profiles
from blogai.content.library import Library
from blogai.content.pages import history, reading, write
from blogai.content.runs import Runs
from blogai.providers.registry import Providers
from blogai.web.frame import NavItem, add_to_navigation


def register(runs: Runs, library: Library, providers: Providers, briefs: Briefs, profiles: Profiles) -> None:
    """Adds the pages to the program."""
    add_to_navigation(NavItem("Write", write.PATH, "edit_note", 10))
    add_to_navigation(NavItem("History", history.PATH, "history", 20))
    write.register(runs, providers, briefs, profiles)
    reading.register(runs, library, providers)
    history.register(library)
