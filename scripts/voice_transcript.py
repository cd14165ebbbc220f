"""From real posts to a scored, rewritten draft, as the commands print it: python -m scripts.voice_transcript.

BLOGAI_VOICE_CORPUS names the folder of the development corpus, whose posts are not in this repository; the page has
figures and titles of files alone. The draft is the embedded model's.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import blogai
from scripts.transcripts import Page

BRAND, OTHER, SAMPLES = "brandur", "privacyguides", 6


def posts(folder: Path, corpus: Path) -> None:
    """Writes a few posts of two brands into a folder, under the names that the transcript shows."""
    found: dict[str, list[tuple[str, str]]] = {BRAND: [], OTHER: []}
    for line in (corpus / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["brand"] in found:
            found[row["brand"]].append((row["post_id"], row["text"]))
    for brand, texts in found.items():
        for number, (_, text) in enumerate(sorted(texts)[: SAMPLES + 2], 1):
            (folder / f"{brand}-{number}.md").write_text(text, encoding="utf-8")


def main() -> None:
    corpus = Path(os.environ["BLOGAI_VOICE_CORPUS"])
    page = Page()
    page.say(
        f"A voice of {SAMPLES} posts of a blog on databases and APIs (`{BRAND}` of the development corpus), scores of a"
        " post that it was not trained on and of another brand's, and a draft of the embedded model, rewritten in up to"
        " two rounds. [brand-voice.md](../brand-voice.md) explains the figures."
    )
    with tempfile.TemporaryDirectory(prefix="blogai-voice-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        posts(folder, corpus)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("BLOGAI_")} | {
            "PYTHONPATH": str(Path(blogai.__file__).parents[1]),
            "BLOGAI_DATA_DIR": str(folder / "data"),
            "COLUMNS": "110",
        }

        def show(*arguments: str) -> None:
            done = subprocess.run(
                [sys.executable, "-m", "blogai", *arguments],
                env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            )  # fmt: skip
            typed = " ".join(f'"{a}"' if set(a) & set(" ,") else a for a in ("blogai", *arguments))
            code = f"(exit code {done.returncode})" if done.returncode else ""
            page.show(typed, done.stdout + code)

        samples = [f"{BRAND}-{number}.md" for number in range(1, SAMPLES + 1)]
        show("voice", "create", "Database notes", "--avoid", "leverage, utilize", "--default")
        show("voice", "add", "database-notes", *samples)
        show("voice", "add", "database-notes", samples[0])
        show("voice", "train", "database-notes")
        show("voice", "show", "database-notes")
        show("voice", "score", "database-notes", f"{BRAND}-{SAMPLES + 1}.md")
        show("voice", "score", "database-notes", f"{OTHER}-1.md")
        show(
            "write", "Saving for retirement in your twenties", "--words", "250", "--voice", "none", "--out", "plain.md"
        )
        show("voice", "score", "database-notes", "plain.md")
        show(
            "write", "Saving for retirement in your twenties", "--words", "250", "--rewrites", "2", "--out", "draft.md"
        )
        show("voice", "score", "database-notes", "draft.md")
        page.say("The draft, as the small model wrote it:")
        page.say(*(f"> {line}".rstrip() for line in (folder / "draft.md").read_text(encoding="utf-8").splitlines()))
        show("voice", "list")
    page.write("voice", "A voice, from samples to a rewritten draft", by="voice_transcript")


if __name__ == "__main__":
    main()
