"""What a blog post shall be about; everything is checked here, before the first call of a model."""

import unicodedata
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from blogai.inputs import Inputs, trimmed

Tone = Literal["informative", "casual", "professional", "friendly", "formal", "conversational", "technical", "academic"]

TONES: tuple[str, ...] = get_args(Tone)

MIN_WORDS, MAX_WORDS, DEFAULT_WORDS = 100, 5000, 600
MAX_REWRITES, VOICE_TARGET = 3, 0.8
MAX_TOPIC, MAX_KEYWORD, MAX_KEYWORDS = 500, 100, 20

REMEDIES = {
    "topic": f"Give a topic of 1 to {MAX_TOPIC} visible characters on one line.",
    "keywords": f"Give at most {MAX_KEYWORDS} keywords of 1 to {MAX_KEYWORD} visible characters each.",
    "tone": f"Use one of {', '.join(TONES)}.",
    "words": f"Give a whole number from {MIN_WORDS} to {MAX_WORDS}.",
    "voice": "Give the slug or id of one of your voices, or `none`.",
    "rewrites": f"Give a whole number from 0 to {MAX_REWRITES}.",
    "voice_target": "Give a number from 0 to 1, as 0.8.",
    "conversation_id": "Use up to 100 letters, digits, underscores and hyphens.",
}


def _readable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise ValueError(f"holds the control character U+{ord(character):04X}")
    if not any(unicodedata.category(character)[0] in "LNPS" for character in text):
        raise ValueError("is empty")
    return text


_Topic = Annotated[str, StringConstraints(max_length=MAX_TOPIC), BeforeValidator(trimmed), AfterValidator(_readable)]
_Keyword = Annotated[
    str, StringConstraints(max_length=MAX_KEYWORD), BeforeValidator(trimmed), AfterValidator(_readable)
]


def _without_repeats(keywords: tuple[str, ...]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for keyword in keywords:
        first.setdefault(keyword.casefold(), keyword)
    return tuple(first.values())


class PostRequest(Inputs):
    """The inputs of a blog post. The provider is named when a run begins."""

    noun = "a blog post"
    remedies = REMEDIES

    topic: _Topic = Field(description="What the post is about.")
    keywords: Annotated[tuple[_Keyword, ...], Field(max_length=MAX_KEYWORDS), AfterValidator(_without_repeats)] = Field(
        default=(), description="Words to work in; repeats are dropped."
    )
    tone: Tone = Field(default="informative", description="How it shall sound.")
    words: int = Field(default=DEFAULT_WORDS, ge=MIN_WORDS, le=MAX_WORDS, description="Length in words.")
    voice: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{1,100}$",
        description="Slug or id of a brand voice, `none` for none; the default voice when left out.",
    )
    rewrites: int = Field(default=0, ge=0, le=MAX_REWRITES, description="Rounds that send the worst passages back.")
    voice_target: float = Field(default=VOICE_TARGET, ge=0, le=1, description="Voice score that ends the rounds.")
    conversation_id: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9_-]{1,100}$", description="The conversation that the post belongs to."
    )
