"""Topics in words that a small model can read."""

import pytest

from blogai.content.posts.tiny.topic import readable, spoken


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("Urban beekeeping", "Urban beekeeping"),
        ("🐝🏙️", "honeybee cityscape"),
        ("👩🏽‍🌾 gardening tips", "woman ear of rice gardening tips"),
        ("Café ☕ culture", "Café hot beverage culture"),
        ("تربية النحل", "تربية النحل"),
        ("หน่อไม้", "หน่อไม้"),
        ("C++ in 2026", "C++ in 2026"),
    ],
)
def test_emoji_become_their_names_and_scripts_stay(topic: str, words: str) -> None:
    assert spoken(topic) == words


@pytest.mark.parametrize(("topic", "can"), [("Bees", True), ("🐝", True), ("تربية النحل", False), ("1", False)])
def test_readable_means_latin_words(topic: str, can: bool) -> None:
    assert readable(topic) is can
