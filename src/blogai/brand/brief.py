"""What a writer is told of a voice: a compact description, passages to listen to, and how to score what it wrote."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from blogai.brand import queries, sample_queries, voice
from blogai.brand.entitlement import has_feature, require_feature
from blogai.brand.models import Profile
from blogai.brand.scores import trained
from blogai.brand.service import NONE, find
from blogai.brand.voice import Assessment
from blogai.db.database import Actor, Database
from blogai.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from blogai.brand.voice.fingerprint import Fingerprint

MOST_SAMPLES = 12
"""Samples that passages are taken from, primary ones first."""
LEAST_WORDS = 25
"""Of a paragraph that may serve as a passage."""

_NO_PROSE = re.compile(r"^\s*(?:[#>|`~]|[-*+•] |\d+[.)] )|https?:|```|[{}<>]", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]’”]*\s+")
_RULES_SHOWN = 12
_PERSONAL = 0.5


@dataclass(frozen=True)
class VoiceBrief:
    """A trained voice as a writer needs it; no database behind it.

    Attributes:
        passages: prose paragraphs of the profile's example and of the samples, the example and primary samples first.
        primary: how many of them come from the example and from primary samples.
    """

    profile: Profile
    fingerprint: "Fingerprint"
    passages: tuple[str, ...]
    primary: int = 0

    @property
    def profile_id(self) -> UUID:
        return self.profile.id

    @property
    def slug(self) -> str:
        return self.profile.slug

    @cached_property
    def description(self) -> str:
        """One paragraph for a capable model: what its owner says of it, then what was measured."""
        profile = self.profile
        told = [f"Style: {profile.writing_style}." if profile.writing_style != "balanced" else ""]
        told.append(f"Tone: {', '.join(profile.tone_keywords)}." if profile.tone_keywords else "")
        told.append(f"Readers: {profile.target_audience}." if profile.target_audience else "")
        told.append(f"Field: {profile.industry}." if profile.industry else "")
        told.append(_rule("Stands for", profile.brand_values))
        told.append(_rule("Writes about", profile.content_themes))
        told.append(self.fingerprint.voice_summary)
        told.append(_rule("Use where they fit", profile.preferred_words))
        told.append(_rule("Never use", profile.avoid_words))
        return " ".join(part for part in told if part)

    @cached_property
    def manner(self) -> str:
        """A few adjectives for a small model, which follows no more than that."""
        tones = sorted(self.fingerprint.tone_distribution.items(), key=lambda item: -item[1])
        measured = [name for name, value in tones if value >= 0.6][:2]
        told = [word.lower() for word in self.profile.tone_keywords[:2]]
        return " and ".join(dict.fromkeys([*told, *measured][:2]))

    @property
    def personal(self) -> bool:
        """Whether the samples speak of I and my, more often than once in 200 words."""
        return self.fingerprint.spread["first_person"][0] > _PERSONAL

    def rank(self, text: str) -> tuple[int, float]:
        """How good a text is in this voice, to compare with others: fewer broken rules come before a better score. One
        that cannot be scored is the worst."""
        try:
            return rank(self.assess(text))
        except InvalidInput:
            return (-sys.maxsize, 0.0)

    def best_passages(self, about: str, count: int, words: int) -> list[str]:
        """Passages to listen to: primary ones first, then those that share words with the subject.

        Args:
            about: the subject and heading to write about.
            count: most passages.
            words: most words of each, cut at the end of a sentence.
        """
        wanted = set(_content_words(about))

        def order(item: tuple[int, str]) -> tuple[bool, int, int]:
            number, passage = item
            shared = sum((Counter(_content_words(passage)) & Counter(wanted)).values())
            return number >= self.primary, -shared, number

        ranked = [passage for _, passage in sorted(enumerate(self.passages), key=order)]
        return [cut for cut in (_shortened(passage, words) for passage in ranked[:count]) if cut]

    def assess(self, text: str) -> Assessment:
        """The score of a text in this voice with its reasons.

        Raises:
            InvalidInput: it has fewer than ten words, or is no prose.
        """
        return voice.assess(
            self.fingerprint,
            text,
            preferred_words=self.profile.preferred_words,
            avoid_words=self.profile.avoid_words,
        )


class Briefs:
    """Finds the voice that a text is to be written in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def brief(self, actor: Actor, voice: str | None) -> VoiceBrief | None:
        """The voice that is asked for, or the caller's default one.

        Args:
            voice: slug or id; `none` for no voice at all; None for the default one, if there is one that is trained
                and the caller's tier has brand voices.

        Raises:
            NotFound: there is no such profile, or it is somebody else's.
            Forbidden: a voice is asked for, and brand voices are not part of the caller's tier.
            Conflict: the voice that is asked for is switched off, not trained, or trained by another version.
        """
        if voice == NONE:
            return None
        async with self._database.transaction(actor) as conn:
            if voice is None:
                row = await queries.default_profile(conn, actor.user_hash)
                if row is None or not await has_feature(conn, actor):
                    return None
                profile = row.profile()
            else:
                profile = await find(conn, actor, voice)
                await require_feature(conn, actor)
                if not profile.is_active:
                    raise Conflict(
                        f"The voice {profile.slug} is switched off.",
                        field="voice",
                        remedy="Switch it on in its settings, or choose another.",
                    )
            try:
                fingerprint = await trained(conn, profile)
            except Conflict:
                if voice is None:  # a default voice in the making stops nobody from writing
                    return None
                raise
            samples = await sample_queries.passages(conn, profile.id, MOST_SAMPLES)
        primary_texts = [profile.example_content or "", *(text for text, primary in samples if primary)]
        first = [one for text in primary_texts for one in paragraphs(text)]
        rest = [one for text, primary in samples if not primary for one in paragraphs(text)]
        return VoiceBrief(profile, fingerprint, (*first, *rest), len(first))


def rank(assessment: "Assessment") -> tuple[int, float]:
    """Hard rules are hard: fewer broken ones come before a better score."""
    return -sum(hit.excused is None for hit in assessment.rules.avoided), assessment.overall


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text that are plain prose and long enough to be heard."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if not _NO_PROSE.search(part))
    return [part for part in parts if len(part.split()) >= LEAST_WORDS]


def _shortened(passage: str, words: int) -> str:
    taken: list[str] = []
    for sentence in _SENTENCE.split(passage):
        if taken and len(" ".join([*taken, sentence]).split()) > words:
            break
        taken.append(sentence)
    short = " ".join(taken)
    return short if len(short.split()) <= 2 * words else ""


def _content_words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if len(word) > 3]


def _rule(lead: str, words: Sequence[str]) -> str:
    return f"{lead}: {', '.join(words[:_RULES_SHOWN])}." if words else ""
