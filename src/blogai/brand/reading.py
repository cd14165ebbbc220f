"""Samples out of files: plain text, Markdown, Word documents and web pages become prose, or are refused."""

import io
import re
import zipfile
from pathlib import PurePath

from blogai.errors import InvalidInput

MOST_BYTES = 5_000_000
"""Of a file or a page."""
MOST_UNPACKED = 50_000_000
"""Of a Word document once it is unpacked."""
MOST_TEXT = 200_000
"""Characters of a text to score and of the paragraphs of a Word document; samples are shorter."""
MOST_TAGS = 100_000
"""Of a web page; more take seconds to read."""

ENDINGS = {".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown", ".docx": "docx",
           ".html": "html", ".htm": "html"}  # fmt: skip

_FRONT_MATTER = re.compile(r"\A(?:---|\+\+\+)\n.*?\n(?:---|\+\+\+)\n", re.DOTALL)


def text_of_file(name: str, content: bytes) -> tuple[str, str | None]:
    """The prose of a file and its title, if it names one.

    Args:
        name: file name; its ending says what it is.
        content: the bytes.

    Raises:
        InvalidInput: unknown kind, too large, empty, damaged, or in another encoding than UTF-8 or UTF-16.
    """
    kind = ENDINGS.get(PurePath(name).suffix.lower())
    if kind is None:
        raise InvalidInput(
            f"{name}: files of this kind are not read.", field="file", remedy=f"Use one of {', '.join(ENDINGS)}."
        )
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"{name} has more than {MOST_BYTES:,} bytes.", field="file", remedy="Split it, or paste its text."
        )
    if not content.strip():
        raise InvalidInput(f"{name} is empty.", field="file", remedy="Choose a file with some prose.")
    if kind == "docx":
        return _word_document(name, content)
    text = decoded(name, content)
    if kind == "html":
        return prose_of_html(text, field="file")
    if kind == "markdown":
        text = _FRONT_MATTER.sub("", text.replace("\r\n", "\n"))
        title = next((line[2:] for line in text.split("\n") if line.startswith("# ")), "")
        return text, title.strip().rstrip("#").strip() or None
    return text, None


def decoded(name: str, content: bytes) -> str:
    """Bytes as text: UTF-8, or UTF-16 with its mark.

    Raises:
        InvalidInput: it is neither, as binary data or a file in an older encoding.
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        raise InvalidInput(
            f"{name} is not UTF-8 text (byte {exc.start}).",
            field="file",
            remedy="Save it as UTF-8, or choose the right kind of file.",
        ) from exc
    if "\x00" in text:
        raise InvalidInput(f"{name} is binary data.", field="file", remedy="Choose a text file.")
    return text


def prose_of_html(page: str, *, field: str) -> tuple[str, str | None]:
    """The main text of a web page without navigation, comments and scripts, and its title.

    Raises:
        InvalidInput: there is no prose in it, far too much markup, or it is damaged.
    """
    if page.count("<") > MOST_TAGS:
        raise InvalidInput(
            f"The page has more than {MOST_TAGS:,} tags.", field=field, remedy="Copy the text and paste it as a sample."
        )
    import trafilatura

    try:
        document = trafilatura.bare_extraction(page, include_comments=False, include_tables=False, with_metadata=True)
    except Exception as exc:  # as for Word documents: a page whose root is a picture breaks an assertion
        raise InvalidInput(
            "The page cannot be read.", field=field, remedy="Copy the text and paste it as a sample."
        ) from exc
    text = str(getattr(document, "text", None) or "")
    if not text.strip():
        raise InvalidInput(
            "No article was found in the page.", field=field, remedy="Copy the text and paste it as a sample."
        )
    title = getattr(document, "title", None)
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    return "\n\n".join(paragraphs), str(title) if title else None


def _word_document(name: str, content: bytes) -> tuple[str, str | None]:
    import docx

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise InvalidInput(
                    f"{name} is too large once it is unpacked.",
                    field="file",
                    remedy="Take the pictures out, or paste its text.",
                )
        document = docx.Document(io.BytesIO(content))
        paragraphs: list[str] = []
        size = 0
        for paragraph in document.paragraphs:
            paragraphs.append(paragraph.text.strip())
            size += len(paragraphs[-1]) + 2
            if size > MOST_TEXT:
                raise InvalidInput(
                    f"{name} has more than {MOST_TEXT:,} characters.",
                    field="file",
                    remedy="Split it into shorter texts.",
                )
        title = (document.core_properties.title or "").strip() or None
    except InvalidInput:
        raise
    except Exception as exc:  # what a reader of three formats in each other raises for damage is not told
        raise InvalidInput(
            f"{name} is no Word document, or a damaged one.",
            field="file",
            remedy="Save it anew as .docx without a password, or paste its text.",
        ) from exc
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if not text:
        raise InvalidInput(f"{name} has no text.", field="file", remedy="Choose a document with some prose.")
    return text, title
