"""Build the sentence lengths of the average writer: `python -m benchmarks.voice_lengths --corpus dev.jsonl`.

Every brand of the corpus counts alike. The result is a histogram, no text; the page of a voice shows it behind the
voice's own.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from benchmarks.voice_corpus import read
from blogai.brand.pages.charts import USUAL
from blogai.brand.voice.describe import patterns
from blogai.brand.voice.style import NAMES
from blogai.brand.voice.tokens import Passage


def usual(brands: dict[str, list[str]]) -> dict[str, object]:
    """The mean over brands of the share of sentences in each class of lengths."""
    none = dict.fromkeys(NAMES, 0.0)
    found = [patterns([Passage(text) for text in texts], none)["length_histogram"] for texts in brands.values()]
    share = np.mean([one["share"] for one in found], axis=0)
    return {"from": found[0]["from"], "share": [round(float(value), 4) for value in share], "brands": len(found)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    found = usual(read(parser.parse_args().corpus))
    USUAL.write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(f"{USUAL.name}: {found}")


if __name__ == "__main__":
    main()
