"""What is told of the brand voice of a post: its scores round by round, and what the rewrites changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from blogai.content.library import Library
from blogai.content.models import replaced
from blogai.db.database import Actor


@dataclass(frozen=True)
class Change:
    """A passage that was rewritten; `score` is that of the whole text with it."""

    before: str
    after: str
    score: float


def story(voice: Mapping[str, Any]) -> list[str]:
    """The scores of draft and rounds, a line each, from the `voice` of a post's metadata or progress."""
    answers = voice.get("answers", 1)
    lines = [f"Draft: {voice['before']:.0%}" + (f", the best of {answers} texts for each section" * (answers > 1))]
    for one in voice["rounds"]:
        tokens = one["tokens"]["input"] + one["tokens"]["output"]
        passages = f"{one['replaced']} of {one['tried']} passages rewritten"
        lines.append(f"Round {one['round']}: {one['score']:.0%}, {passages}, {tokens:,} tokens")
        if problem := one.get("problem"):
            lines.append(f"Round {one['round']} ended early: {problem}")
    if voice["reached"] and (voice["rounds"] or voice.get("asked")):
        lines.append(f"The target of {voice['target']:.0%} is reached" + " without a round" * (not voice["rounds"]))
    if not voice["rules_passed"]:
        lines.append("It uses words that the brand avoids")
    return lines


def changes(voice: Mapping[str, Any]) -> list[Change]:
    """What all rounds changed, in order."""
    listed = [change for one in voice["rounds"] for change in one.get("changes", ())]
    return [Change(one["before"], one["after"], one["score"]) for one in listed]


def draft_of(text: str, made: list[Change]) -> str:
    """The text as it was before the changes; one whose passage was edited since stays."""
    for change in reversed(made):
        text = replaced(text, change.after, change.before)
    return text


async def versions(library: Library, actor: Actor, content_id: UUID) -> tuple[str, str]:
    """A text and its draft before the rewrites; the same twice where nothing was rewritten.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    content = await library.get(actor, content_id)
    voice = content.metadata.get("voice")
    made = changes(voice) if isinstance(voice, dict) else []
    return content.output, draft_of(content.output, made)
