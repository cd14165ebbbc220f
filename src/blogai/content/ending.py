"""How a run ended: what is stored, booked and told, in one value that can also be written to a file."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from blogai.brand.models import NewScore


class Ending(BaseModel):
    """The end of one run.

    Attributes:
        output: the text to keep; None when there is none, and then nothing is charged.
        execution_time_ms: from the start of the run to its end, milliseconds.
        error: problem document of a failed run.
        scores: of the output in a brand voice.
    """

    model_config = ConfigDict(frozen=True)

    status: Literal["finished", "failed", "cancelled"]
    title: str | None = None
    output: str | None = None
    metadata: dict[str, Any] = {}
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    execution_time_ms: int
    error: dict[str, Any] | None = None
    scores: list[NewScore] = []

    @property
    def words(self) -> int:
        return len((self.output or "").split())
