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
from benchmarks.voice_corpus import SAMPLE_WORDS, Corpus, add_packages, read, read_packages
from blogai.brand.voice.background import Background, unpack
from blogai.brand.voice.calibration import fit_logistic
from blogai.brand.voice.features import FAMILIES, Counts, features, merge
from blogai.brand.voice.measure import cohort, evidence, on_passages, raw

FOLDS = 8
"""Of 24 brands three a fold, so 18 are known to each score; with 24 folds 22 are, all but the two of a pair."""


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


def left_out(f: int, g: int, folds: int) -> tuple[int, int]:
    """The folds that a background must not know to score a text of one fold on a voice of the other; always two."""
    g = g if g != f else (f + 3) % folds
    return min(f, g), max(f, g)


Task = tuple[dict[str, list[str]], dict[int, list[tuple[str, str]]]]
"""The samples of each brand, and the texts of each length with their brands."""


class CrossFitted:
    """A scorer for the protocol whose every score comes from a background that knows neither brand.

    One background is held at a time: `measure` finds every score, pair of folds by pair, `score` looks it up.
    """

    def __init__(self, corpus: Corpus, fold: dict[str, int], folds: int) -> None:
        self.corpus, self.fold, self.folds = corpus, fold, folds
        self.counts: dict[str, dict[str, Counts]] = {}
        self.found: dict[tuple[tuple[str, ...], str], tuple[Any, float]] = {}

    def features(self, text: str) -> dict[str, Counts]:
        if text not in self.counts:
            self.counts[text] = features(text)
        return self.counts[text]

    def measure(self, tasks: list[Task], sample_counts: list[int]) -> None:
        """Evidence and probability of every text of the tasks on every voice."""
        pairs = sorted({left_out(f, g, self.folds) for f in range(self.folds) for g in range(self.folds)})
        for number, pair in enumerate(pairs, 1):
            allowed = {b for b, f in self.fold.items() if f not in pair}
            background = unpack(build(self.corpus, allowed, f"without folds {pair}"))
            print(f"background {number} of {len(pairs)}: {len(allowed)} brands", file=sys.stderr, flush=True)
            for samples, texts in tasks:
                self._measure(background, pair, samples, texts, sample_counts)

    def _measure(self, background: Background, pair: tuple[int, int], samples: dict[str, list[str]],
                 texts: dict[int, list[tuple[str, str]]], sample_counts: list[int]) -> None:  # fmt: skip
        brands = [b for b, f in self.fold.items() if f in pair]
        voices = [(b, self.train(samples[b][:k])) for b in brands for k in sample_counts]
        norms = [on_passages(background, counts) for _, (_, counts) in voices]
        for own, text in (t for listed in texts.values() for t in listed if t[0] in brands):
            read_text, words = self.features(text), len(text.split())
            among = cohort(background, read_text)
            for (brand, (chosen, counts)), norm in zip(voices, norms, strict=True):
                if left_out(self.fold[own], self.fold[brand], self.folds) == pair:
                    found = evidence(background, raw(background, counts, read_text), norm, among, words)
                    sample_words = sum(len(s.split()) for s in chosen)
                    probability = background.calibration.probability(found, sample_words, words)
                    self.found[chosen, text] = found, probability

    def train(self, samples: list[str]) -> tuple[tuple[str, ...], dict[str, Counts]]:
        read_samples = [self.features(s) for s in samples]
        return tuple(samples), {f: merge(r[f] for r in read_samples) for f in FAMILIES}

    def score(self, voice: tuple[tuple[str, ...], dict[str, Counts]], text: str) -> float:
        return self.found[voice[0], text][1]


NUMBER = len(FAMILIES)
EVERY = list(range(2 * NUMBER + 1))


def columns_of(family: str) -> list[int]:
    """Where the evidence of a family is: t, zt and, of words, t within the genre."""
    at = FAMILIES.index(family)
    return [at, NUMBER + at] + ([2 * NUMBER] if family == "w1" else [])


INGREDIENTS = {
    "all": EVERY,
    "without t": EVERY[NUMBER:],
    "without zt": [*EVERY[:NUMBER], 2 * NUMBER],
    "without t within the genre": EVERY[:-1],
    **{f"without {f}": [i for i in EVERY if i not in columns_of(f)] for f in FAMILIES},
    **{f"only {f}": columns_of(f) for f in FAMILIES},
    "grammar and punctuation only": columns_of("s2") + columns_of("p2"),
}


def ablation(protocol: ModuleType, scorer: CrossFitted, tasks: list[Task], k: int, groups: dict[str, str]) -> None:
    """Refit the weights on subsets of the evidence, cross-fitted over the same folds, and print what each brings."""
    names = sorted(groups)
    fold = np.array([scorer.fold[b] for b in names])
    mats = []
    for train, test in tasks:
        for length in test:
            own = np.array([names.index(b) for b, _ in test[length]])
            x = np.array([[scorer.found[tuple(train[b][:k]), text][0] for b in names] for _, text in test[length]])
            mats.append((length, own, x))
    for title, columns in INGREDIENTS.items():
        line = title.ljust(40)
        for length in sorted({m[0] for m in mats}, reverse=True):
            scored = [(np.zeros((len(own), len(names))), own) for size, own, _ in mats if size == length]
            parts = [x[..., columns] for size, _, x in mats if size == length]
            for f in range(scorer.folds):
                for g in range(f, scorer.folds):
                    known, seen = ~np.isin(fold, left_out(f, g, scorer.folds)), (fold == f) | (fold == g)
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
    add_packages(parser)
    parser.add_argument("--k", type=int, nargs="+", default=[5])
    parser.add_argument("--lengths", type=int, nargs="+", default=[300, 120])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--folds", type=int, default=FOLDS, help="of brands; 24, one brand each, takes ten times longer"
    )
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
    packages = read_packages(args)
    if keep is not None:
        packages = packages.each(lambda text: protocol.mask(text, keep))
    tasks: list[Task] = []
    for seed in range(args.seeds):
        train, test = protocol.build_tasks(brands, seed, args.lengths, 10, keep)
        heads = {b: [protocol.head(t, SAMPLE_WORDS) for t in posts] for b, posts in train.items()}
        tasks.append((heads, test))
    scorer = CrossFitted(Corpus(texts, packages), deal(groups, args.folds), args.folds)
    scorer.measure(tasks, args.k)
    result, _ = protocol.run(scorer, str(args.corpus), tuple(args.k), tuple(args.lengths), args.seeds,
                             mask_topic=args.mask_topic)  # fmt: skip
    protocol.show(result)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    if args.ablation:
        ablation(protocol, scorer, tasks, args.k[0], groups)


if __name__ == "__main__":
    main()
