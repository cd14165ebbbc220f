"""Take the documentation that authors of Perl modules wrote out of Debian packages: many writers on many subjects.

    apt-get download $(cat benchmarks/voice_authors.txt)   # into DIR
    python -m benchmarks.voice_authors DIR > authors.jsonl

An author counts with `LEAST` packages of `WORDS` words of prose or more. The lines have `brand` (a number for the
author), `post_id` (the package) and `text`; they are input of `voice_building --authors` and tell which patterns stay
with a writer when the subject changes. `--names` prints the packages that are used instead.
"""

import argparse
import io
import json
import re
import subprocess
import tarfile
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.voice_packages import clean, is_prose

WORDS, LEAST, MOST = 300, 4, 25
_OTHERS = re.compile(
    r"AUTHOR|COPYRIGHT|LICEN|SUPPORT|BUGS|ACKNOWL|CONTRIB|SEE ALSO|THANKS|CREDITS|WARRANTY|DISCLAIMER|MAINTAINER"
    r"|INSTALL|VERSION|NAME$",
    re.IGNORECASE,
)
"""Sections that are much alike in all modules."""
_ENTITIES = {"lt": "<", "gt": ">", "sol": "/", "verbar": "|", "mdash": "—", "eacute": "e"}
_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){1,3}")


def _code(found: re.Match[str]) -> str:
    """Code as the corpus has it: one plain word, or X."""
    inner = found.group(1).strip()
    return inner if re.fullmatch("[A-Za-z]+", inner) else "X"


def _plain(text: str) -> str:
    """A paragraph of Pod (perlpod) without its formatting codes and names of code."""
    for _ in range(3):  # codes within codes
        text = re.sub(r"[CF]<<+\s(.*?)\s>>+", _code, text, flags=re.DOTALL)
        text = re.sub(r"[CF]<([^<>]*)>", _code, text)
        text = re.sub(r"L<(?:([^|<>]*)\|)?[^<>]*>", lambda m: m.group(1) or "X", text)
        text = re.sub(r"E<(\w+)>", lambda m: _ENTITIES.get(m.group(1), ""), text)
        text = re.sub(r"[BISX]<([^<>]*)>", r"\1", text)
    return clean(re.sub(r"\w+(?:::\w+)+|[$@%]\w[\w>{}\[\]:-]*|\b\w+\(\)", "X", text))


def _author(paragraph: str) -> str | None:
    """The first name in the section on authors, in lower case."""
    text = re.sub(r"[A-Z]<+\s*|\s*>+", " ", re.sub(r"E<lt>.*?E<gt>|<[^<>]*@[^<>]*>", "(", paragraph))
    text = re.sub(
        r"^\W*(?:authors?:|(?:this )?module (?:was )?(?:written )?by)\s*", "", " ".join(text.split()), flags=re.I
    )
    name = re.split(r"[<(,;/]| - |\bL?http|\S+@", text)[0].strip(" .*-")
    return name.lower() if _NAME.fullmatch(name) else None


def read_pod(source: str) -> tuple[list[str], str | None]:
    """The paragraphs of prose of a module's Pod, and its author."""
    paragraphs, author, on, section, skip = [], None, False, "", False
    for block in re.split(r"\n[ \t]*\n", source):
        command = re.match(r"\s*=([a-z]+)\d?\s*(.*)", block, re.DOTALL)
        if command:
            kind, title = command.group(1), command.group(2).strip()
            on = kind not in ("cut", "begin", "for")
            if kind == "head":
                section = title if block.lstrip().startswith("=head1") else section
                skip = bool(_OTHERS.search(section) or _OTHERS.search(title))
            continue
        block = block.strip("\n")
        if not on or not block.strip():
            continue
        if author is None and re.match(r"AUTHORS?\b", section):
            author = _author(block)
        if not skip and block[0] not in " \t" and is_prose(text := _plain(block)):
            paragraphs.append(text)
    return paragraphs, author


def read_package(path: Path) -> tuple[list[str], str | None]:
    """The prose of a package, each paragraph once, and who most of its modules say they are by."""
    raw = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        modules = {
            m.name: archive.extractfile(m)
            for m in archive
            if m.isfile() and re.search(r"/perl5?/.*\.(pm|pod)$", m.name)
        }
        sources = {name: file.read().decode("utf-8", "replace") for name, file in modules.items() if file}
    paragraphs: dict[str, None] = {}
    authors: Counter[str] = Counter()
    for name in sorted(sources, key=lambda n: (n.count("/"), n)):
        found, author = read_pod(sources[name])
        paragraphs |= dict.fromkeys(found)
        authors.update([author] if author else [])
    return list(paragraphs), min(authors, key=lambda a: (-authors[a], a)) if authors else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", action="store_true")
    args = parser.parse_args()
    written: dict[str, dict[str, str]] = defaultdict(dict)
    seen: dict[str, set[str]] = defaultdict(set)
    for path in sorted(args.folder.glob("*.deb")):
        paragraphs, author = read_package(path)
        if author is None or len(written[author]) == MOST:
            continue
        new = [p for p in paragraphs if p not in seen[author]]
        if sum(len(p.split()) for p in new) >= WORDS:
            seen[author].update(new)
            written[author][path.name.split("_")[0]] = "\n\n".join(new)
    for number, author in enumerate(a for a in sorted(written) if len(written[a]) >= LEAST):
        for package, text in written[author].items():
            line = {"brand": f"author {number:03}", "post_id": package, "text": text}
            print(package if args.names else json.dumps(line))


if __name__ == "__main__":
    main()
