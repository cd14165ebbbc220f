"""How well the brand-voice score tells brands apart, cross-fitted over brands, by the corpus' own protocol.

    python -m benchmarks.voice --corpus PATH/dev.jsonl [--k 5] [--mask-topic] [--ablation] [--json out.json]

`protocol.py` is read from the folder of the corpus. Brands are dealt into folds so that each topic group is spread.
A text of fold f is scored on a voice of fold g by a background (frequencies, cohort, weights, calibration) that is
built from the brands of neither fold, nor, where f is g, of a third: every score comes from equally many brands, else
how many there are would tell own texts from others. Says so and ends when the corpus is not there.
"""

import argparse
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.voice_building import build
from benchmarks.voice_corpus import SAMPLE_WORDS, Corpus, read
from blogai.brand.voice.background import Background, Norm, unpack
from blogai.brand.voice.calibration import fit_logistic
from blogai.brand.voice.features import FAMILIES, Counts, features, merge
from blogai.brand.voice.measure import evidence, on_passages, on_voices, raw

FOLDS = 8


def protocol_beside(corpus: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("protocol", corpus.with_name("protocol.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["protocol"] = module
    spec.loader.exec_module(module)
    return module


def deal(groups: dict[str, str], folds: int) -> dict[str, int]:
    """The fold of each brand; brands of one topic group go to different folds."""
    ordered = sorted(groups, key=lambda b: (groups[b], b))
    return {brand: i % folds for i, brand in enumerate(ordered)}


def left_out(f: int, g: int) -> set[int]:
    """The folds that a background must not know to score a text of one fold on a voice of the other; always two."""
    return {f, g} if f != g else {f, (f + 3) % FOLDS}


class CrossFitted:
    """A scorer for the protocol whose every score comes from a background that knows neither brand."""

    def __init__(self, corpus: Corpus, fold: dict[str, int], brand_of: dict[str, str]) -> None:
        self.corpus, self.fold, self.brand_of = corpus, fold, brand_of
        self.backgrounds: dict[tuple[int, int], Background] = {}
        self.counts: dict[str, dict[str, Counts]] = {}
        self.norms: dict[tuple[Any, ...], Norm] = {}
        self.cohorts: dict[tuple[Any, ...], Any] = {}
        self.evidence: dict[tuple[tuple[str, ...], str], Any] = {}

    def background(self, pair: tuple[int, int]) -> Background:
        if pair not in self.backgrounds:
            allowed = {b for b, f in self.fold.items() if f not in pair}
            self.backgrounds[pair] = unpack(build(self.corpus, allowed, f"without folds {pair}"))
            print(f"background {len(self.backgrounds)}: {len(allowed)} brands", file=sys.stderr, flush=True)
        return self.backgrounds[pair]

    def features(self, text: str) -> dict[str, Counts]:
        if text not in self.counts:
            self.counts[text] = features(text)
        return self.counts[text]

    def train(self, samples: list[str]) -> tuple[tuple[str, ...], dict[str, Counts]]:
        read_samples = [self.features(s) for s in samples]
        return tuple(samples), {f: merge(r[f] for r in read_samples) for f in FAMILIES}

    def score(self, voice: tuple[tuple[str, ...], dict[str, Counts]], text: str) -> float:
        samples, counts = voice
        a, b = self.fold[self.brand_of[samples[0]]], self.fold[self.brand_of[text]]
        first, second = sorted(left_out(a, b))
        pair = first, second
        background = self.background(pair)
        if (samples, pair) not in self.norms:
            self.norms[samples, pair] = on_passages(background, counts)
        read_text = self.features(text)
        if (text, pair) not in self.cohorts:
            self.cohorts[text, pair] = on_voices(background, read_text)
        words = len(text.split())
        values, norm = raw(background, counts, read_text), self.norms[samples, pair]
        found = evidence(background, values, norm, self.cohorts[text, pair], words)
        self.evidence[samples, text] = found
        sample_words = sum(len(s.split()) for s in samples)
        return background.calibration.probability(found, sample_words, words)


EVERY = list(FAMILIES)
INGREDIENTS: dict[str, tuple[list[str], bool, bool]] = {
    "all": (EVERY, True, True),
    "without t": (EVERY, False, True),
    "without zt": (EVERY, True, False),
    **{f"without {f}": ([g for g in EVERY if g != f], True, True) for f in EVERY},
    **{f"only {f}": ([f], True, True) for f in EVERY},
    "grammar and punctuation only": (["s2", "p2"], True, True),
}


def ablation(protocol: ModuleType, scorer: CrossFitted, tasks: list[Any], k: int, groups: dict[str, str]) -> None:
    """Refit the weights on subsets of the evidence, cross-fitted over the same folds, and print what each brings."""
    names = sorted(groups)
    fold = np.array([scorer.fold[b] for b in names])
    mats = []
    for train, test in tasks:
        for length in test:
            own = np.array([names.index(b) for b, _ in test[length]])
            x = np.array([[scorer.evidence[tuple(train[b][:k]), text] for b in names] for _, text in test[length]])
            mats.append((length, own, x))
    for title, (kept, first, second) in INGREDIENTS.items():
        chosen = [i for i, n in enumerate(FAMILIES) if n in kept]
        columns = (chosen if first else []) + ([len(FAMILIES) + i for i in chosen] if second else [])
        line = title.ljust(40)
        for length in sorted({m[0] for m in mats}, reverse=True):
            scored = [(np.zeros((len(own), len(names))), own) for size, own, _ in mats if size == length]
            parts = [x[..., columns] for size, _, x in mats if size == length]
            for f in range(FOLDS):
                for g in range(f, FOLDS):
                    known, seen = ~np.isin(fold, list(left_out(f, g))), (fold == f) | (fold == g)
                    xs = np.concatenate([p[known[o]][:, known].reshape(-1, len(columns)) for p, (_, o) in zip(
                        parts, scored, strict=True)])  # fmt: skip
                    ys = np.concatenate([(o[known[o]][:, None] == np.flatnonzero(known)).ravel() for _, o in scored])
                    weights = fit_logistic(xs, ys.astype(float))
                    for p, (out, own) in zip(parts, scored, strict=True):
                        logit = p @ weights[:-1] + weights[-1]
                        mine = np.where(f == g, (fold[own] == f)[:, None] & (fold == f), seen[own][:, None] & seen
                                        & (fold[own][:, None] != fold))  # fmt: skip
                        out[mine] = (1 / (1 + np.exp(-logit)))[mine]
            r = protocol.summarise(scored, names, groups, 200)
            for key in ("auc", "same_topic_auc", "eer", "ece") if length == 300 else ("auc",):
                line += f"  {key} {r[key][0]:.3f} [{r[key][1]:.3f}-{r[key][2]:.3f}]"
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--cohort", type=Path, help="prose of packages, from voice_packages")
    parser.add_argument("--k", type=int, nargs="+", default=[5])
    parser.add_argument("--lengths", type=int, nargs="+", default=[300, 120])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--mask-topic", action="store_true")
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if not args.corpus.exists():
        print(f"No corpus at {args.corpus}: nothing was measured.")
        return
    protocol = protocol_beside(args.corpus)
    brands, groups = protocol.load(str(args.corpus))
    keep = protocol.common_words(brands) if args.mask_topic else None
    texts = read(args.corpus)
    if keep is not None:
        texts = {b: [protocol.mask(t, keep) for t in posts] for b, posts in texts.items()}
    extra = read(args.cohort) if args.cohort else {}
    if keep is not None:
        extra = {b: [protocol.mask(t, keep) for t in posts] for b, posts in extra.items()}
    brand_of: dict[str, str] = {}
    tasks: list[Any] = []
    for seed in range(args.seeds):
        train, test = protocol.build_tasks(brands, seed, args.lengths, 10, keep)
        heads = {b: [protocol.head(t, SAMPLE_WORDS) for t in posts] for b, posts in train.items()}
        tasks.append((heads, test))
        brand_of |= {t: b for b, posts in heads.items() for t in posts}
        brand_of |= {t: b for pairs in test.values() for b, t in pairs}
    scorer = CrossFitted(Corpus(texts, extra), deal(groups, FOLDS), brand_of)
    result, _ = protocol.run(scorer, str(args.corpus), tuple(args.k), tuple(args.lengths), args.seeds,
                             mask_topic=args.mask_topic)  # fmt: skip
    protocol.show(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    if args.ablation:
        ablation(protocol, scorer, tasks, args.k[0], groups)


if __name__ == "__main__":
    main()
