"""A topic in words that a small model knows: it reads English, and no pictures."""

import re
import unicodedata

_UNSPOKEN = ("VARIATION SELECTOR", "ZERO WIDTH", "EMOJI MODIFIER", "REGIONAL INDICATOR")


def spoken(topic: str) -> str:
    """The topic with each emoji replaced by its Unicode name: a bee and a town become `honeybee cityscape`."""
    parts: list[str] = []
    for character in topic:
        category = unicodedata.category(character)
        if category == "So":
            name = unicodedata.name(character, "")
            parts.append(f" {name.lower()} " if name and not name.startswith(_UNSPOKEN) else " ")
        elif category in ("Cf", "Mn", "Sk") and not character.isascii():
            parts.append(character if category == "Mn" and "VARIATION" not in unicodedata.name(character, "") else "")
        else:
            parts.append(character)
    return " ".join("".join(parts).split()) or topic


def readable(topic: str) -> bool:
    """True when the model can read something of the topic: a Latin word."""
    return re.search(r"[A-Za-zÀ-ɏ]{2}", spoken(topic)) is not None
