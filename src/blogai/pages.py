"""The pages of all features in one application."""

from functools import partial

from fastapi import FastAPI
from nicegui import ui

from blogai.brand import pages as brand_pages
from blogai.brand.brief import Briefs
from blogai.brand.service import Profiles
from blogai.content import pages as content_pages
from blogai.content.library import Library
from blogai.content.runs import Runs
from blogai.content.voice_story import versions
from blogai.db.database import Database
from blogai.providers.registry import Providers
from blogai.secrets import secret
from blogai.settings import Settings
from blogai.usage import pages as usage_pages
from blogai.web import frame


def create(settings: Settings, database: Database, providers: Providers, runs: Runs, library: Library) -> FastAPI:
    """The application that serves the pages and their live connections."""
    frame.install()
    content_pages.register(runs, library, providers, Briefs(database), Profiles(database))
    brand_pages.register(database, partial(versions, library))
    usage_pages.register(database)
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        pages,
        title="Blog AI",
        dark=None,
        tailwind=False,
        language="en-GB",
        reconnect_timeout=30,
        storage_secret=secret(settings.data_dir, "pages"),
        show_welcome_message=False,
    )
    return pages
