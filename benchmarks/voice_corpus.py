"""Brands cut into samples and passages, with their features computed once: what a background is built from."""

import argparse
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.voice_vectors import shipped
from blogai.brand.voice.background import LENGTHS
from blogai.brand.voice.features import BUCKETS, FAMILIES, PATTERNS, Counts, features, merge, word_bucket
from blogai.brand.voice.style import style
from blogai.brand.voice.tokens import TOKEN, Passage, normalise, sentences

SAMPLE_WORDS, SHORTEST, SEEDS, POOL, TESTS, EXTRA_PASSAGES = 500, 150, 3, 10, 10, 8
COHORT_SAMPLES = 5
AUTHOR_PIECES = 3
KNOWN_BRANDS = 3
"""Words that so many brands use get a vector."""
Features = dict[str, Counts]


def read(path: Path) -> dict[str, list[str]]:
    """Texts of a corpus by brand, both in a fixed order."""
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows[row["brand"]].append((row.get("post_id", ""), row["text"]))
    return {brand: [text for _, text in sorted(rows[brand])] for brand in sorted(rows)}


@dataclass(frozen=True)
class Packages:
    """Prose of packages by voice.

    Attributes:
        cohort: voices to compare with, and passages of theirs.
        speeches: further voices to compare words with, of the genre of `cohort`.
        authors: documentation by author, one text a package; it tells what is steady within a writer.
    """

    cohort: dict[str, list[str]] = field(default_factory=dict)
    speeches: dict[str, list[str]] = field(default_factory=dict)
    authors: dict[str, list[str]] = field(default_factory=dict)

    def each(self, change: Callable[[str], str]) -> "Packages":
        """The same with every text changed."""
        return Packages(*({b: [change(t) for t in texts] for b, texts in part.items()}
                          for part in (self.cohort, self.speeches, self.authors)))  # fmt: skip


def add_packages(parser: argparse.ArgumentParser) -> None:
    """Options that name the files of `voice_packages` and `voice_authors`."""
    for part in ("cohort", "speeches", "authors"):
        parser.add_argument(f"--{part}", type=Path, required=True, help=f"{part} out of packages")


def read_packages(args: argparse.Namespace) -> Packages:
    return Packages(read(args.cohort), read(args.speeches), read(args.authors))


def random(*key: object) -> np.random.Generator:
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def pieces(text: str, limit: int = SAMPLE_WORDS) -> list[str]:
    """Consecutive pieces of `limit` words, paragraphs kept; a last piece of fewer than `SHORTEST` is left out."""
    out: list[str] = []
    held: list[str] = []
    left = limit
    for paragraph in text.split("\n\n"):
        listed = paragraph.split()
        while listed:
            held.append(" ".join(listed[:left]))
            listed, left = listed[left:], left - len(listed[:left])
            if not left:
                out.append("\n\n".join(held))
                held, left = [], limit
    if not out or limit - left >= SHORTEST:
        out.append("\n\n".join(held))
    return out


def head(text: str) -> str:
    """The first piece."""
    return pieces(text)[0]


def passage(text: str, length: int, rng: np.random.Generator) -> str:
    """About `length` words of whole sentences from a random place."""
    pieces = sentences(text)
    sizes = np.array([len(p.text.split()) for p in pieces])
    rest = sizes.sum() - np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.flatnonzero(rest >= length)
    first = int(rng.choice(starts)) if len(starts) else 0
    last = first
    while last + 1 < len(pieces) and sizes[first : last + 1].sum() < length * 0.95:
        last += 1
    return text[pieces[first].start : pieces[last].end]


def merge_all(parts: list[Features]) -> Features:
    return {f: merge(p[f] for p in parts) for f in FAMILIES}


class Words:
    """Words that enough brands use, commonest first, one a bucket, with their vectors."""

    def __init__(self, used: list[set[str]]) -> None:
        brands = Counter(word for words in used for word in words)
        first: dict[int, str] = {}
        for word in sorted((w for w, n in brands.items() if n >= KNOWN_BRANDS), key=lambda w: (-brands[w], w)):
            first.setdefault(word_bucket(word), word)
        self.words, self.buckets = list(first.values()), np.array(list(first), np.int64)
        self.of_brand = np.array([[word in words for word in self.words] for words in used])
        self.levels, self.scale = shipped().rounded(self.words)

    def known(self, brands: list[int]) -> Any:
        """The rows of words that are used by enough of these brands."""
        return np.flatnonzero(self.of_brand[brands].sum(0) >= KNOWN_BRANDS)


class Corpus:
    """The units that a background is built from, with their features computed once."""

    def __init__(
        self,
        brands: dict[str, list[str]],
        packages: Packages | None = None,
        measure: Callable[[str], Features] = features,
    ) -> None:
        """`brands` are fitted on; `packages` serve to compare with."""
        packages = packages or Packages()
        extra = packages.cohort
        self.brands = sorted(brands)
        parts: list[str] = []
        texts: list[str] = []
        self.piece_brand: list[int] = []
        heads: list[int] = []
        self.text_brand: list[int] = []
        self.text_words: list[int] = []
        self.text_seed: list[int] = []
        self.training: dict[tuple[int, int], list[int]] = {}
        for b, brand in enumerate(self.brands):
            posts = brands[brand]
            first = []
            for post in posts:
                first.append(len(parts))
                parts += pieces(post)
            heads += first
            self.piece_brand += [b] * (len(parts) - first[0])
            pool = max(1, min(POOL, len(posts) - 4))
            for seed in range(SEEDS):
                order = random("order", seed, brand).permutation(len(posts))
                self.training[seed, b] = [first[i] for i in order[:pool]]
                for i in order[pool : pool + TESTS]:
                    for length in LENGTHS:
                        texts.append(passage(posts[i], length, random("passage", seed, brand, i, length)))
                        self.text_brand.append(b)
                        self.text_words.append(length)
                        self.text_seed.append(seed)
        self.pieces = [measure(t) for t in parts]
        used: list[set[str]] = [set() for _ in self.brands]
        for part, b in zip(parts, self.piece_brand, strict=True):
            used[b].update(t.lower() for t in TOKEN.findall(normalise(part)))
        self.words = Words(used)
        self.texts = [measure(t) for t in texts]
        self.piece_matrix = {f: matrix([p[f] for p in self.pieces]) for f in FAMILIES}
        self.text_matrix = {f: matrix([t[f] for t in self.texts]) for f in FAMILIES}
        self.extra_voices: list[Features] = []
        self.extra_texts: list[Features] = []
        self.extra_brand: list[int] = []
        self.extra_words: list[int] = []
        for b, name in enumerate(sorted(extra)):
            posts = extra[name]
            order = random("extra", name).permutation(len(posts))
            self.extra_voices.append(merge_all([measure(head(posts[i])) for i in order[:COHORT_SAMPLES]]))
            for i in order[COHORT_SAMPLES : COHORT_SAMPLES + EXTRA_PASSAGES]:
                for length in LENGTHS:
                    self.extra_texts.append(measure(passage(posts[i], length, random("passage", name, i, length))))
                    self.extra_brand.append(b)
                    self.extra_words.append(length)
        self.extra_text_matrix = {f: matrix([t[f] for t in self.extra_texts]) for f in FAMILIES}
        self.extra_voice_matrix = {f: matrix([v[f] for v in self.extra_voices]) for f in FAMILIES}
        self.speeches = []
        for name in sorted(packages.speeches):
            posts = packages.speeches[name]
            order = random("extra", name).permutation(len(posts))
            self.speeches.append(merge_all([measure(head(posts[i])) for i in order[:COHORT_SAMPLES]]))
        self.speech_matrix = matrix([v["w1"] for v in self.speeches])
        self.author_matrix, self.author = author_packages(packages.authors, measure)
        self._voices: dict[tuple[int, int, int], Features] = {}
        self.head_brand = [self.piece_brand[h] for h in heads]
        self.head_style = np.array([list(style(Passage(parts[h])).values()) for h in heads])

    def voice(self, seed: int, brand: int, k: int) -> Features:
        """The counts of a voice of k samples."""
        key = (seed, brand, k)
        if key not in self._voices:
            chosen = self.training[seed, brand][:k]
            self._voices[key] = merge_all([self.pieces[h] for h in chosen])
        return self._voices[key]


def author_packages(authors: dict[str, list[str]], measure: Callable[[str], Features]) -> tuple[dict[str, Any], Any]:
    """The mean amounts of the pieces of each package, by family, and its author."""
    rows: list[Features] = []
    package: list[int] = []
    author: list[int] = []
    for a, name in enumerate(sorted(authors)):
        for text in authors[name]:
            found = [measure(piece) for piece in pieces(text)[:AUTHOR_PIECES]]
            rows += found
            package += [len(author)] * len(found)
            author.append(a)
    share = 1 / np.bincount(package)[package] if package else np.zeros(0)
    means = sparse.csr_matrix((share, (package, np.arange(len(rows)))), shape=(len(author), len(rows)))
    return {f: (means @ matrix([r[f] for r in rows])).tocsr() for f in PATTERNS}, np.array(author, int)


def matrix(rows: list[Counts]) -> Any:
    if not rows:
        return sparse.csr_matrix((0, BUCKETS))
    bounds = np.concatenate([[0], np.cumsum([len(r.ids) for r in rows])])
    data = np.concatenate([r.n for r in rows])
    return sparse.csr_matrix((data, np.concatenate([r.ids for r in rows]), bounds), shape=(len(rows), BUCKETS))
