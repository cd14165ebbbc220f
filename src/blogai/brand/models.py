"""Profiles, samples and scores as their owner sees them, and what may be written into a profile."""

import textwrap
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from blogai.brand.voice import MODEL
from blogai.errors import InvalidInput
from blogai.inputs import Inputs, trimmed

WritingStyle = Literal[
    "formal", "professional", "conversational", "casual", "friendly", "technical", "academic", "creative", "balanced"
]
ContentType = Literal["text", "blog", "email", "social", "website", "article"]
TrainingStatus = Literal["untrained", "analyzing", "training", "trained", "failed"]
Reason = Literal["untrained", "failed", "samples-changed", "older-version"]

WRITING_STYLES: tuple[str, ...] = get_args(WritingStyle)
CONTENT_TYPES: tuple[str, ...] = get_args(ContentType)

MOST_NAME, MOST_SLUG, MOST_LINE, MOST_EXAMPLE = 100, 60, 500, 50_000
MOST_WORDS, MOST_WORD = 200, 100
"""Limits in characters; MOST_WORDS is the length of a list."""

SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
RESERVED = frozenset({"none"})
"""Slugs with a meaning of their own where a voice is named."""


def _one_line(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise ValueError(f"holds the control character U+{ord(character):04X}")
    return text


def _spoken(text: str) -> str:
    if not any(character.isalnum() for character in _one_line(text)):
        raise ValueError("has no letter or digit")
    return text


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a character that cannot be stored")
    return text


def _without_repeats(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


_Name = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_NAME), BeforeValidator(trimmed), AfterValidator(_spoken)
]
_Slug = Annotated[str, StringConstraints(max_length=MOST_SLUG, pattern=SLUG), BeforeValidator(trimmed)]
_Line = Annotated[str, StringConstraints(max_length=MOST_LINE), BeforeValidator(trimmed), AfterValidator(_one_line)]
_Example = Annotated[str, StringConstraints(max_length=MOST_EXAMPLE), AfterValidator(_storable)]
_Word = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_WORD), BeforeValidator(trimmed), AfterValidator(_spoken)
]
_Words = Annotated[tuple[_Word, ...], Field(max_length=MOST_WORDS), AfterValidator(_without_repeats)]

_LIST = f"Give at most {MOST_WORDS} entries of 1 to {MOST_WORD} characters each."
REMEDIES = {
    "name": f"Give a name of 1 to {MOST_NAME} characters on one line.",
    "slug": f"Use up to {MOST_SLUG} lower-case letters, digits and single hyphens, as in `acme-blog`; no id or `none`.",
    "writing_style": f"Use one of {', '.join(WRITING_STYLES)}.",
    "industry": f"Keep it to one line of {MOST_LINE} characters.",
    "target_audience": f"Keep it to one line of {MOST_LINE} characters.",
    "example_content": f"Keep it below {MOST_EXAMPLE} characters; longer texts are samples.",
    "preferred_words": _LIST,
    "avoid_words": _LIST,
    "tone_keywords": _LIST,
    "brand_values": _LIST,
    "content_themes": _LIST,
}


def taken_by_meaning(slug: str) -> bool:
    """Whether it could not name a voice: where one is named, it stands for none or for the id of another."""
    try:
        UUID(slug)
    except ValueError:
        return slug in RESERVED
    return True


class _Fields(Inputs):
    noun = "a profile"
    remedies = REMEDIES

    @field_validator("slug", check_fields=False)
    @classmethod
    def _free(cls, slug: str | None) -> str | None:
        if slug is not None and taken_by_meaning(slug):
            raise ValueError("has a meaning of its own")
        return slug


class NewProfile(_Fields):
    """A brand voice to be made."""

    name: _Name = Field(description="Name for people.")
    slug: _Slug | None = Field(default=None, description="Short name for commands; made from the name when left out.")
    tone_keywords: _Words = Field(default=(), description="How it sounds, in words.")
    writing_style: WritingStyle = "balanced"
    example_content: _Example | None = Field(
        default=None, description="A paragraph in the voice that models see first; not trained on."
    )
    industry: _Line | None = None
    target_audience: _Line | None = None
    preferred_words: _Words = Field(default=(), description="Words and phrases the brand likes.")
    avoid_words: _Words = Field(default=(), description="Words and phrases it does not use.")
    brand_values: _Words = ()
    content_themes: _Words = ()
    is_active: bool = Field(default=True, description="Whether texts can be written in this voice.")
    is_default: bool = Field(default=False, description="Used for every text unless it is switched off.")

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        refuse_contradiction(self.preferred_words, self.avoid_words)
        return self


class ProfileChange(_Fields):
    """What to change in a profile; what is left out stays, null empties what may be empty."""

    name: _Name | None = None
    slug: _Slug | None = None
    tone_keywords: _Words | None = None
    writing_style: WritingStyle | None = None
    example_content: _Example | None = None
    industry: _Line | None = None
    target_audience: _Line | None = None
    preferred_words: _Words | None = None
    avoid_words: _Words | None = None
    brand_values: _Words | None = None
    content_themes: _Words | None = None
    is_active: bool | None = None
    is_default: bool | None = None

    def given(self) -> dict[str, Any]:
        """The columns to write. Null empties a line or a list; for the others it changes nothing."""
        lists = {"tone_keywords", "preferred_words", "avoid_words", "brand_values", "content_themes"}
        lines = {"example_content", "industry", "target_audience"}
        found: dict[str, Any] = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            if name in lists:
                found[name] = list(value or ())
            elif name in lines or value is not None:
                found[name] = value
        return found


def refuse_contradiction(preferred: tuple[str, ...] | list[str], avoid: tuple[str, ...] | list[str]) -> None:
    """Raises InvalidInput when a word is both preferred and avoided, however it is written."""
    if not (preferred and avoid):
        return
    from blogai.brand.voice.rules import plain

    if both := {plain(word).casefold() for word in preferred} & {plain(word).casefold() for word in avoid}:
        raise InvalidInput(
            f"{sorted(both)[0]!r} is both preferred and avoided.",
            field="avoid_words",
            remedy="Take it out of one of the two lists.",
        )


class Profile(BaseModel):
    """A brand voice."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    created_at: datetime
    updated_at: datetime
    name: str
    slug: str
    tone_keywords: list[str]
    writing_style: str
    example_content: str | None
    industry: str | None
    target_audience: str | None
    preferred_words: list[str]
    avoid_words: list[str]
    brand_values: list[str]
    content_themes: list[str]
    is_active: bool
    is_default: bool
    training_status: TrainingStatus
    training_quality: float
    """0 to 1: how consistent and how many the samples were when it was trained."""
    sample_count: int
    voice_fingerprint_id: UUID | None
    trained_at: datetime | None
    embedding_model: str | None
    """Version of the measure that trained it."""
    needs_training: Reason | None
    """Why it should be trained (again); None when it is fit for use."""

    @property
    def usable(self) -> bool:
        """Whether texts can be scored with it. After a change of samples or a training that failed the fingerprint of
        before still serves, unless another version of the measure made it."""
        return self.voice_fingerprint_id is not None and self.embedding_model == MODEL


class Sample(BaseModel):
    """A text of the brand."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    profile_id: UUID
    created_at: datetime
    title: str | None
    excerpt: str
    """The first 300 characters."""
    content_type: str
    word_count: int
    source_url: str | None
    source_platform: str | None
    is_analyzed: bool
    analysis_result: dict[str, Any]
    quality_score: float
    """0 to 1: how well it fits the other samples; 0 until it is analysed."""
    is_primary_example: bool

    @property
    def label(self) -> str:
        """Its title, or its beginning where it was pasted without one."""
        return self.title or textwrap.shorten(self.excerpt, 40, placeholder=" ...")

    @property
    def fit(self) -> float | None:
        """How it fits the other samples, 0 to 1; None before a training that has come to its end."""
        return self.quality_score if self.is_analyzed and "fit" in self.analysis_result else None


class FullSample(Sample):
    """A sample with its whole text."""

    content: str


class StoredScore(BaseModel):
    """A score as it was kept. `content_id` is the id of generated content, or `sha256:` and the hash of a text."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    profile_id: UUID
    content_id: str
    created_at: datetime
    overall_score: float
    tone_match: float
    vocabulary_match: float
    style_match: float
    feedback: dict[str, Any]
    deviations: dict[str, Any]


class NewScore(BaseModel):
    """A score to be kept; the text that it is about is known where it is stored."""

    model_config = ConfigDict(frozen=True)

    profile_id: UUID
    overall_score: float
    tone_match: float
    vocabulary_match: float
    style_match: float
    feedback: dict[str, Any]
    deviations: dict[str, Any]


class TrainingState(BaseModel):
    """Where the training of a profile stands."""

    model_config = ConfigDict(frozen=True)

    profile_id: UUID
    status: TrainingStatus
    progress: float
    """0 to 1."""
    needs_training: Reason | None
    training_quality: float
    sample_count: int
    trained_at: datetime | None
    problem: dict[str, Any] | None = None
    """Why it failed: message, remedy, field, and the sample where one is to blame."""
