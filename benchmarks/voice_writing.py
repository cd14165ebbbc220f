"""Drafts of the embedded model with and without a voice, scored by the measure: does the prompt bring anything?

    python -m benchmarks.voice_writing --topics 10 --brands babel,leacock,brandur --keep drafts.jsonl --seconds 420

Every topic is written once without a voice and once with the voice of each brand (five of its posts), with the same
first seed. Each draft is scored in the voice of the brand: without it, with it, and after the rewrites; once more by a
judge, the voice of five other posts of the brand, which had no part in choosing among the model's texts. What is in the
file of --keep is not written again, so that it can be run in pieces of --seconds each. BLOGAI_VOICE_CORPUS names the
folder of the corpus.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from benchmarks.post_quality import TOPICS
from benchmarks.voice_corpus import head, read
from blogai.brand import voice
from blogai.brand.brief import VoiceBrief, paragraphs
from blogai.brand.models import Profile
from blogai.brand.voice.fingerprint import Fingerprint
from blogai.content.events import EventLog
from blogai.content.operation import Written
from blogai.content.posts import PostOperation, PostRequest
from blogai.content.voice_story import changes, draft_of
from blogai.content.writer import Writer
from blogai.errors import BlogAIError
from blogai.providers.registry import Providers
from blogai.settings import Settings

BRANDS = ("babel", "leacock", "brandur")
SAMPLES = 5
SCORES = ("plain", "voiced", "rewritten", "judged_plain", "judged_voiced", "judged_rewritten")


def corpus() -> Path | None:
    """The folder with dev.jsonl that BLOGAI_VOICE_CORPUS names; None when there is none."""
    given = os.environ.get("BLOGAI_VOICE_CORPUS")
    return Path(given) if given and Path(given, "dev.jsonl").is_file() else None


@dataclass(frozen=True)
class Compared:
    """One topic in one voice: scores without it, with it, and after the rewrites, by the voice and by the judge; tokens
    with it."""

    brand: str
    topic: str
    plain: float
    voiced: float
    rewritten: float
    judged_plain: float
    judged_voiced: float
    judged_rewritten: float
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


class Kept:
    """What was written already: a file with one JSON object a line, either a text without a voice or a comparison."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.plain: dict[str, str] = {}
        self.compared: dict[tuple[str, str], Compared] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path and path.exists() else ():
            row = json.loads(line)
            if "plain_text" in row:
                self.plain[row["topic"]] = row["plain_text"]
            else:
                self.compared[row["topic"], row["brand"]] = Compared(**row)

    def add_plain(self, topic: str, text: str) -> None:
        self.plain[topic] = text
        self._append({"topic": topic, "plain_text": text})

    def add(self, one: Compared) -> None:
        self.compared[one.topic, one.brand] = one
        self._append(asdict(one))

    def _append(self, row: dict[str, object]) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")


async def compare(
    kept: Kept, folder: Path, topics: Sequence[str], brands: Sequence[str], *, words: int, rewrites: int, until: float
) -> None:
    """Every topic in every voice that is not kept yet, until a moment of the monotonic clock. A draft that the model
    cannot write is left out, with its topic named."""
    texts = read(folder / "dev.jsonl")
    briefs = [brief_of(brand, [head(text) for text in texts[brand][:SAMPLES]]) for brand in brands]
    judges = {brand: voice.train([head(text) for text in texts[brand][SAMPLES : 2 * SAMPLES]]) for brand in brands}
    async with Providers(Settings(), environ={}) as providers:
        for number, topic in enumerate(topics):
            for chosen in briefs:
                if time.monotonic() > until:
                    return
                if (topic, chosen.slug) in kept.compared:
                    continue
                try:
                    if topic not in kept.plain:
                        plain, _ = await write(providers, topic, words, 1 + number, None, 0)
                        kept.add_plain(topic, plain.output)
                    began = time.perf_counter()
                    made, tokens = await write(providers, topic, words, 1 + number, chosen, rewrites)
                    one = _compared(topic, kept.plain[topic], made, chosen, judges[chosen.slug], tokens, began)
                except BlogAIError as exc:
                    print(f"{topic} as {chosen.slug}: {exc.message}", flush=True)
                    continue
                kept.add(one)
                print(line(one), flush=True)


def _compared(
    topic: str, plain: str, made: Written, chosen: VoiceBrief, judge: Fingerprint, tokens: int, began: float
) -> Compared:
    told = made.metadata["voice"]
    draft = draft_of(made.output, changes(told))

    def scores(by: Fingerprint) -> tuple[float, float, float]:
        return voice.score(by, plain), voice.score(by, draft), voice.score(by, made.output)

    seconds = round(time.perf_counter() - began, 1)
    return Compared(chosen.slug, topic, *scores(chosen.fingerprint), *scores(judge), tokens, seconds)


def line(one: Compared) -> str:
    """A comparison as it is printed."""
    return (
        f"{one.brand:<12} {one.topic:<42} plain {one.plain:.3f}  voice {one.voiced:.3f}"
        f"  rewritten {one.rewritten:.3f}  judge {one.judged_plain:.3f} {one.judged_voiced:.3f}"
        f" {one.judged_rewritten:.3f}  {one.tokens} tokens  {one.seconds:.1f} s"
    )


def gain(rows: Sequence[Compared], after: str, before: str = "plain") -> tuple[float, float, float]:
    """Mean of the paired differences to the text without a voice, with its 95 % interval by bootstrap over topics,
    since the voices of a topic share that text."""
    topics = sorted({one.topic for one in rows})
    found = [[getattr(one, after) - getattr(one, before) for one in rows if one.topic == topic] for topic in topics]
    pick = random.Random(1)
    means = sorted(statistics.fmean(value for _ in topics for value in pick.choice(found)) for _ in range(5000))
    return statistics.fmean(value for values in found for value in values), means[124], means[4874]


def report(rows: Sequence[Compared], brands: Sequence[str]) -> None:
    """Prints the means by brand and the gains."""
    for brand in (*brands, None):
        some = [one for one in rows if brand in (None, one.brand)]
        if some:
            means = {name: statistics.fmean(getattr(one, name) for one in some) for name in SCORES}
            told = "  ".join(f"{name} {mean:.3f}" for name, mean in means.items())
            print(f"{brand or 'all':<12} {told}  ({len(some)} drafts)")
    for before, afters in (("plain", ("voiced", "rewritten")), ("judged_plain", ("judged_voiced", "judged_rewritten"))):
        for after in afters:
            mean, low, high = gain(rows, after, before)
            higher = sum(getattr(one, after) > getattr(one, before) for one in rows)
            print(f"{after:<17}{mean:+.3f} (95 % {low:+.3f} to {high:+.3f}), higher in {higher} of {len(rows)}")


async def run(
    folder: Path, topics: int, brands: Sequence[str], words: int, rewrites: int, *, keep: Path | None, seconds: float
) -> list[Compared]:
    """Writes what is missing and gives what there is, printing both; the folder is that of the corpus."""
    kept = Kept(keep)
    chosen = TOPICS[:topics]
    until = time.monotonic() + seconds
    await compare(kept, folder, chosen, brands, words=words, rewrites=rewrites, until=until)
    rows = [kept.compared[topic, brand] for topic in chosen for brand in brands if (topic, brand) in kept.compared]
    if rows:
        report(rows, brands)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--brands", default=",".join(BRANDS))
    parser.add_argument("--words", type=int, default=150)
    parser.add_argument("--rewrites", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="file of what was written, added to and taken up again")
    parser.add_argument("--seconds", type=float, default=86_400, help="begin no draft after this time")
    chosen = parser.parse_args()
    brands, folder = chosen.brands.split(","), corpus()
    if folder is None:
        raise SystemExit("No voice corpus: set BLOGAI_VOICE_CORPUS to the folder that holds dev.jsonl.")
    made = run(folder, chosen.topics, brands, chosen.words, chosen.rewrites, keep=chosen.keep, seconds=chosen.seconds)
    asyncio.run(made)


if __name__ == "__main__":
    main()
