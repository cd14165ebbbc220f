"""Posts of the embedded model about many topics: well-formed, as long as asked, how quick.

    python -m benchmarks.post_quality --words 250 --out FOLDER

Prints one line a topic and the sums; with --out the posts themselves, for reading.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blogai.content import wellformed
from blogai.content.events import EventLog
from blogai.content.posts import PostOperation, PostRequest
from blogai.content.sentences import words
from blogai.content.writer import Writer
from blogai.errors import BlogAIError
from blogai.providers.registry import Providers
from blogai.settings import Settings

TOPICS = (
    "Urban beekeeping for beginners",
    "How compound interest works",
    "The fall of Constantinople",
    "Making sourdough bread at home",
    "A weekend in Lisbon",
    "Zero trust network security",
    "Why sleep matters for athletes",
    "Container gardening on a balcony",
    "Negotiating a pay rise",
    "The history of the bicycle",
    "Learning to play the guitar as an adult",
    "Electric cars in cold climates",
    "How vaccines train the immune system",
    "Remote work and team culture",
    "Saving for retirement in your twenties",
    "Street photography with a phone",
    "The causes of the French Revolution",
    "Choosing a first aquarium",
    "Reducing food waste in the kitchen",
    "Hiking safely in the mountains",
)

TOLERANCE = 0.4
"""Allowed distance from the length asked for, as a share of it."""


@dataclass(frozen=True)
class Result:
    """One post and what is wrong with it."""

    topic: str
    asked: int
    words: int = 0
    sections: int = 0
    restarts: int = 0
    tokens: int = 0
    seconds: float = 0.0
    output: str = ""
    faults: tuple[str, ...] = ()


async def write(providers: Providers, topic: str, asked: int, *, seed: int, provider: str = "local") -> Result:
    """Writes one post and looks at it. A post that the operation refuses counts as one with a fault."""
    writer = Writer(providers.model(provider), EventLog())
    began = time.perf_counter()
    try:
        written = await PostOperation(PostRequest(topic=topic, words=asked), seed=seed).run(writer)
    except BlogAIError as exc:
        return Result(topic, asked, seconds=time.perf_counter() - began, faults=(f"failed: {exc.message}",))
    return Result(
        topic,
        asked,
        words=written.metadata["words"],
        sections=written.metadata["sections"],
        restarts=written.metadata["restarts"],
        tokens=writer.tokens.output,
        seconds=time.perf_counter() - began,
        output=written.output,
        faults=tuple(faults(written.output, topic, asked)),
    )


def faults(output: str, topic: str, asked: int) -> list[str]:
    """What is wrong with a post of a small model: of form, of length, or an echo of the prompt."""
    found = wellformed.faults(output)
    post = wellformed.parse(output)
    if abs(post.words - asked) > TOLERANCE * asked:
        found.append(f"{post.words} words instead of {asked}")
    asking = ("short paragraphs", "plain sentences", "give examples", "you write an article", "helpful editor")
    prose = " ".join(words(" ".join(post.bodies)))
    found += [f"echoes the prompt: {phrase}" for phrase in asking if phrase in prose]
    if len(words(topic)) > 3 and prose.count(" ".join(words(topic))) > max(4, asked // 60):
        found.append("says the topic over and over")
    return found


async def write_all(
    topics: Sequence[str], asked: int, *, seed: int = 1, settings: Settings | None = None, provider: str = "local"
) -> AsyncIterator[Result]:
    """The posts, one after the other."""
    async with Providers(settings or Settings()) as providers:
        for number, topic in enumerate(topics):
            yield await write(providers, topic, asked, seed=seed + number, provider=provider)


def line(result: Result) -> str:
    """One row of the table."""
    return (
        f"{result.topic[:42]:42} {result.sections:3} {result.words:5} {result.words / result.asked:5.2f}"
        f" {result.restarts:3} {result.tokens:6} {result.seconds:6.1f}  {'; '.join(result.faults) or 'well-formed'}"
    )


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", default=TOPICS)
    parser.add_argument("--words", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--provider", default="local")
    parser.add_argument("--out", type=Path, help="folder for the posts")
    args = parser.parse_args()
    print(f"{'topic':42} sec words ratio  re tokens      s")
    results = []
    settings = Settings(model_threads=args.threads)
    async for result in write_all(args.topics, args.words, seed=args.seed, settings=settings, provider=args.provider):
        results.append(result)
        print(line(result), flush=True)
        if args.out:
            args.out.mkdir(parents=True, exist_ok=True)
            name = "-".join(words(result.topic))[:60] or f"topic-{len(results)}"
            (args.out / f"{name}.md").write_text(result.output, encoding="utf-8")
    good = sum(not result.faults for result in results)
    times = sorted(result.seconds for result in results)
    print(f"{good} of {len(results)} well-formed; median {times[len(times) // 2]:.1f} s, longest {times[-1]:.1f} s")


if __name__ == "__main__":
    asyncio.run(_main())
