"""Drafts of the embedded model with and without a voice, scored by the measure: does the prompt bring anything?

    python -m benchmarks.voice_writing --topics 10 --brands babel,leacock,brandur --words 150 --rewrites 1

Every topic is written once without a voice and once with the voice of each brand (five of its posts), with the same
first seed. Each draft is scored in the voice of the brand: without it, with it, and after the rewrites.
BLOGAI_VOICE_CORPUS names the folder of the corpus.
"""

import argparse
import asyncio
import math
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from benchmarks.post_quality import TOPICS
from benchmarks.voice_corpus import head, read
from blogai.brand import voice
from blogai.brand.brief import VoiceBrief, paragraphs
from blogai.brand.models import Profile
from blogai.content.events import EventLog
from blogai.content.operation import Written
from blogai.content.posts import PostOperation, PostRequest
from blogai.content.writer import Writer
from blogai.errors import BlogAIError
from blogai.providers.registry import Providers
from blogai.settings import Settings

BRANDS = ("babel", "leacock", "brandur")
SAMPLES = 5


def corpus() -> Path | None:
    """The folder with dev.jsonl that BLOGAI_VOICE_CORPUS names; None when there is none."""
    given = os.environ.get("BLOGAI_VOICE_CORPUS")
    return Path(given) if given and Path(given, "dev.jsonl").is_file() else None


@dataclass(frozen=True)
class Compared:
    """One topic in one voice: scores without it, with it, and after the rewrites; tokens with it."""

    brand: str
    topic: str
    plain: float
    voiced: float
    rewritten: float
    tokens: int
    seconds: float


def brief_of(brand: str, texts: Sequence[str]) -> VoiceBrief:
    """The brief of a profile that was trained on these texts, without a database."""
    now, fingerprint = datetime.now(UTC), voice.train(list(texts))
    profile = Profile.model_validate(
        {
            "id": uuid4(), "created_at": now, "updated_at": now, "name": brand, "slug": brand, "tone_keywords": [],
            "writing_style": "balanced", "example_content": None, "industry": None, "target_audience": None,
            "preferred_words": [], "avoid_words": [], "brand_values": [], "content_themes": [], "is_active": True,
            "is_default": False, "training_status": "trained", "training_quality": fingerprint.training_quality,
            "sample_count": len(texts), "voice_fingerprint_id": uuid4(), "trained_at": now,
            "embedding_model": fingerprint.embedding_model, "needs_training": None,
        }
    )  # fmt: skip
    return VoiceBrief(profile, fingerprint, tuple(part for text in texts for part in paragraphs(text)))


async def write(
    providers: Providers, topic: str, words: int, seed: int, chosen: VoiceBrief | None, rewrites: int
) -> tuple[Written, int]:
    """One post and its tokens."""
    writer = Writer(providers.model("local"), EventLog())
    request = PostRequest(topic=topic, words=words, rewrites=rewrites if chosen else 0, voice_target=1.0)
    written = await PostOperation(request, voice=chosen, seed=seed).run(writer)
    return written, writer.tokens.input + writer.tokens.output


async def compare(
    topics: Sequence[str], brands: Sequence[str], words: int, rewrites: int, seed: int = 1
) -> AsyncIterator[Compared]:
    """Every topic in every voice. A draft that the model cannot write is left out, with its topic named."""
    folder = corpus()
    if folder is None:
        raise SystemExit("No voice corpus: set BLOGAI_VOICE_CORPUS to the folder that holds dev.jsonl.")
    texts = read(folder / "dev.jsonl")
    briefs = [brief_of(brand, [head(text) for text in texts[brand][:SAMPLES]]) for brand in brands]
    async with Providers(Settings(), environ={}) as providers:
        for number, topic in enumerate(topics):
            try:
                plain, _ = await write(providers, topic, words, seed + number, None, 0)
            except BlogAIError as exc:
                print(f"{topic}: {exc.message}")
                continue
            for chosen in briefs:
                began = time.perf_counter()
                try:
                    written, tokens = await write(providers, topic, words, seed + number, chosen, rewrites)
                except BlogAIError as exc:
                    print(f"{topic} as {chosen.slug}: {exc.message}")
                    continue
                told = written.metadata["voice"]
                yield Compared(
                    chosen.slug,
                    topic,
                    voice.score(chosen.fingerprint, plain.output),
                    told["before"],
                    told["after"],
                    tokens,
                    time.perf_counter() - began,
                )


def told(name: str, gains: Sequence[float]) -> str:
    """Mean of the differences with its 95 % interval (normal approximation) and how many are above zero."""
    mean = statistics.fmean(gains)
    half = 1.96 * statistics.stdev(gains) / math.sqrt(len(gains)) if len(gains) > 1 else math.nan
    higher = f"higher in {sum(gain > 0 for gain in gains)} of {len(gains)}"
    return f"{name}: {mean:+.3f} (95 % {mean - half:+.3f} to {mean + half:+.3f}), {higher}"


async def run(topics: int, brands: Sequence[str], words: int, rewrites: int) -> list[Compared]:
    """Compares, printing each line as it comes and the sums at the end."""
    found = []
    async for one in compare(TOPICS[:topics], brands, words, rewrites):
        found.append(one)
        print(
            f"{one.brand:<12} {one.topic:<42} plain {one.plain:.3f}  voice {one.voiced:.3f}"
            f"  rewritten {one.rewritten:.3f}  {one.tokens} tokens  {one.seconds:.1f} s",
            flush=True,
        )
    for brand in (*brands, None):
        rows = [one for one in found if brand in (None, one.brand)]
        if rows:
            print(
                f"{brand or 'all':<12} plain {statistics.fmean(r.plain for r in rows):.3f}"
                f"  voice {statistics.fmean(r.voiced for r in rows):.3f}"
                f"  rewritten {statistics.fmean(r.rewritten for r in rows):.3f}  ({len(rows)} drafts)"
            )
    print(told("voice in the prompt", [one.voiced - one.plain for one in found]))
    print(told("with the rewrites  ", [one.rewritten - one.plain for one in found]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--brands", default=",".join(BRANDS))
    parser.add_argument("--words", type=int, default=150)
    parser.add_argument("--rewrites", type=int, default=1)
    chosen = parser.parse_args()
    asyncio.run(run(chosen.topics, chosen.brands.split(","), chosen.words, chosen.rewrites))


if __name__ == "__main__":
    main()
