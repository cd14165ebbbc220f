"""Brands cut into samples and passages, with their features computed once: what a background is built from."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.voice_vectors import shipped
from blogai.brand.voice.background import LENGTHS
from blogai.brand.voice.features import BUCKETS, FAMILIES, Counts, features, merge, word_bucket
from blogai.brand.voice.style import style
from blogai.brand.voice.tokens import TOKEN, normalise, sentences

SAMPLE_WORDS, SHORTEST, SEEDS, POOL, TESTS, EXTRA_PASSAGES = 500, 150, 3, 10, 10, 8
COHORT_SAMPLES = 5
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
        extra: dict[str, list[str]] | None = None,
        measure: Callable[[str], Features] = features,
    ) -> None:
        """`brands` are fitted on; `extra` voices widen the cohort and nothing else."""
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
        for b, name in enumerate(sorted(extra or {})):
            posts = (extra or {})[name]
            order = random("extra", name).permutation(len(posts))
            self.extra_voices.append(merge_all([measure(head(posts[i])) for i in order[:COHORT_SAMPLES]]))
            for i in order[COHORT_SAMPLES : COHORT_SAMPLES + EXTRA_PASSAGES]:
                for length in LENGTHS:
                    self.extra_texts.append(measure(passage(posts[i], length, random("passage", name, i, length))))
                    self.extra_brand.append(b)
                    self.extra_words.append(length)
        self.extra_text_matrix = {f: matrix([t[f] for t in self.extra_texts]) for f in FAMILIES}
        self.extra_voice_matrix = {f: matrix([v[f] for v in self.extra_voices]) for f in FAMILIES}
        self._voices: dict[tuple[int, int, int], Features] = {}
        self.head_brand = [self.piece_brand[h] for h in heads]
        self.head_style = np.array([list(style(parts[h]).values()) for h in heads])

    def voice(self, seed: int, brand: int, k: int) -> Features:
        """The counts of a voice of k samples."""
        key = (seed, brand, k)
        if key not in self._voices:
            chosen = self.training[seed, brand][:k]
            self._voices[key] = merge_all([self.pieces[h] for h in chosen])
        return self._voices[key]


def matrix(rows: list[Counts]) -> Any:
    if not rows:
        return sparse.csr_matrix((0, BUCKETS))
    bounds = np.concatenate([[0], np.cumsum([len(r.ids) for r in rows])])
    data = np.concatenate([r.n for r in rows])
    return sparse.csr_matrix((data, np.concatenate([r.ids for r in rows]), bounds), shape=(len(rows), BUCKETS))
