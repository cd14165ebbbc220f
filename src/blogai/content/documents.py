"""What clients get of a finished post: the same object over HTTP and on the command line."""

from typing import Any

from pydantic import BaseModel

from blogai.content.models import Run
from blogai.errors import Conflict


class TokenCount(BaseModel):
    """Tokens as the provider reported them."""

    input: int
    output: int


class PostDocument(BaseModel):
    """One written post."""

    id: str
    run_id: str
    title: str | None
    description: str | None
    tags: list[str]
    content: str
    """Markdown."""
    words: int
    provider: str
    model: str
    tokens: TokenCount
    cost_usd: float | None
    execution_time_ms: int
    status: str
    voice: dict[str, Any] | None = None
    """The brand voice that it was written in, with its scores before and after the rewrites."""
    voice_problem: str | None = None
    """Why it has no score in that voice, and no rewrites."""

    @classmethod
    def of(cls, run: Run) -> "PostDocument":
        """The document of a run that has stored its text.

        Raises:
            BlogAIError: the run failed; the error is its own.
            Conflict: it was cancelled before it had a text.
        """
        if failure := run.failure:
            raise failure
        if run.content_id is None:
            raise Conflict(
                "The run was cancelled before anything was written; nothing was charged.",
                remedy="Start another, with a new idempotency key if it had one.",
                run_id=str(run.id),
            )
        metadata: dict[str, Any] = run.metadata
        return cls(
            id=str(run.content_id),
            run_id=str(run.id),
            title=run.title,
            description=metadata.get("description"),
            tags=list(metadata.get("tags") or []),
            content=run.output or "",
            words=int(metadata.get("words") or len((run.output or "").split())),
            provider=run.provider or "",
            model=run.model or "",
            tokens=TokenCount(input=run.input_tokens, output=run.output_tokens),
            cost_usd=None if run.cost_usd is None else float(run.cost_usd),
            execution_time_ms=run.execution_time_ms or 0,
            status=run.status,
            voice=metadata.get("voice"),
            voice_problem=metadata.get("voice_problem"),
        )
