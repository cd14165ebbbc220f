"""Small operations of the kinds that the product has: one answer, and text that is streamed in sections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from blogai.content.operation import OperationType, Written
from blogai.content.writer import Writer
from blogai.providers.text import Prompt

ASK = Prompt(system="You write.", user="About bees.")


class Words(BaseModel):
    words: list[str]


@dataclass(frozen=True)
class OneCall:
    """One structured answer, nothing streamed."""

    topic: str = "bees"
    tool_id: str = "keyword-ideas-generator"
    tool_name: str = "Keyword ideas"
    operation_type: OperationType = "tool"
    units: int = 1
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> Mapping[str, Any]:
        return {"topic": self.topic, **self.more}

    async def run(self, writer: Writer) -> Written:
        words = await writer.structured(ASK, Words)
        return Written(title=f"Words about {self.topic}", output="\n".join(f"- {word}" for word in words.words))


@dataclass(frozen=True)
class Sections(OneCall):
    """A title, then sections that are streamed."""

    tool_id: str = "blog-post-generator"
    tool_name: str = "Blog post"
    operation_type: OperationType = "blog"
    sections: int = 2

    async def run(self, writer: Writer) -> Written:
        await writer.emit("outline", {"title": f"About {self.topic}"})
        for number in range(self.sections):
            await writer.section(f"Part {number + 1}", index=number)
            async for _ in writer.stream(ASK):
                pass
        return Written(title=writer.title, output=writer.text, metadata={"tags": ["a", "b"]})


@dataclass(frozen=True)
class Improving(OneCall):
    """A whole text, which a call without end is to make better."""

    async def run(self, writer: Writer) -> Written:
        await writer.section("Bees")
        await writer.write("Bees fly.")
        writer.kept = Written(title="Bees", output="# Bees\n\nBees fly.", metadata={"rounds": 1})
        async for _ in writer.stream(ASK, silent=True):
            pass
        return writer.kept
