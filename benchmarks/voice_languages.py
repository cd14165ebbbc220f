"""How well `blogai.brand.voice.language` tells languages apart, on two books that were translated into many.

    apt-get download installation-guide-amd64 debian-faq-{de,fr,it,ja,ko,nl,pt,ru,zh-cn}; dpkg -x each into DIR
    python -m benchmarks.voice_languages DIR

Voices are of five samples of 300 words of one book, texts of 80 to 200 words of both. English is left out: it is told
by its grammar words. Prints how often a text in the language of the voice is refused, and one in each other language.
"""

import argparse
import gzip
import html
import random
import re
from collections import defaultdict
from pathlib import Path

from blogai.brand.voice.features import word_amounts
from blogai.brand.voice.language import grammar_share, language, require_language
from blogai.brand.voice.tokens import normalise, words
from blogai.errors import InvalidInput

_CODE = re.compile(r"<(pre|script|style|head|code)\b.*?</\1>", re.DOTALL)
_LEAST = 60
"""Characters of a paragraph of prose."""
_ENGLISH = 12.0
"""Grammar words in 100 that make a passage one that nobody has translated."""


def books(folder: Path) -> dict[tuple[str, str], list[list[str]]]:
    """Words of the paragraphs, by language and book."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("installation-guide-amd64/??*/*.html")):
        page = _CODE.sub(" ", path.read_text("utf-8", "replace"))
        for paragraph in re.findall(r"<p\b[^>]*>(.*?)</p>", page, re.DOTALL):
            found[path.parent.name.lower().replace("_", "-"), "guide"].append(
                html.unescape(re.sub(r"<[^>]+>", "", paragraph))
            )
    for path in sorted(folder.rglob("debian-faq.*.txt.gz")):
        text = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        found[path.name.split(".")[1].lower(), "questions"] += re.split(r"\n\s*\n", text)[60:]  # after the contents
    return {
        key: [words(normalise(p)) for p in paragraphs if len(p) > _LEAST]
        for key, paragraphs in found.items()
        if key[0] not in ("en", "txt")
    }


def passage(paragraphs: list[list[str]], size: int, rng: random.Random) -> list[str] | None:
    """So many words from somewhere; None where it ends too soon or was not translated."""
    found: list[str] = []
    for paragraph in paragraphs[rng.randrange(len(paragraphs)) :]:
        found += paragraph
        if len(found) >= size:
            return found[:size] if grammar_share(found[:size]) < _ENGLISH else None
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    found, rng = books(parser.parse_args().folder), random.Random(11)
    refused: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for (of, _), paragraphs in found.items():
        for _ in range(8):
            samples = [s for s in (passage(paragraphs, 300, rng) for _ in range(12)) if s][:5]
            voice = language(samples)
            for (other, _), texts in found.items():
                for _ in range(12 if other == of else 4):
                    text = passage(texts, rng.choice((80, 120, 200)), rng)
                    if text is None:
                        continue
                    try:
                        require_language(text, word_amounts(text), voice)
                        refused[of, other].append(False)
                    except InvalidInput:
                        refused[of, other].append(True)
    print(f"{len({of for of, _ in refused})} languages")
    for told, own in (("its own language", True), ("another", False)):
        listed = [one for (of, other), all_ in refused.items() if (of == other) == own for one in all_]
        print(f"a text in {told}: refused {sum(listed)} of {len(listed)} ({sum(listed) / len(listed):.1%})")
    print("voice and text of which less than nine in ten are refused:")
    for (of, other), all_ in sorted(refused.items(), key=lambda p: sum(p[1]) / len(p[1])):
        if of != other and sum(all_) < 0.9 * len(all_):
            print(f"  {of} {other} {sum(all_) / len(all_):.2f}")


if __name__ == "__main__":
    main()
