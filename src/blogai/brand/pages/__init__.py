"""Browser: brand voices, their samples and training, and the score of a text."""

from blogai.brand.pages import profile, scoring, voices
from blogai.db.database import Database
from blogai.web.frame import NavItem, add_to_navigation


def register(database: Database, texts: scoring.Texts) -> None:
    """Adds the pages to the program.

    Args:
        texts: finds a generated text with its draft, to score it.
    """
    add_to_navigation(NavItem("Brand voices", voices.PATH, "record_voice_over", 15))
    voices.register(database)
    profile.register(database)
    scoring.register(database, texts)
