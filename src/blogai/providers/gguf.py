"""Checks that a file is a whole GGUF model before native code, which may abort the process, gets to see it.

Format: header (magic, version, counts), metadata, tensor descriptions, padding, tensor data
(ggml documentation, "GGUF").
"""

import struct
from pathlib import Path
from typing import BinaryIO

from blogai.errors import ModelUnavailable

MAGIC = b"GGUF"
_SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
_MOST_TENSORS, _MOST_METADATA, _MOST_DIMENSIONS = 100_000, 100_000, 4

# (values in a block, bytes of a block) of the types that text models are stored in; others are not measured
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 30: (1, 2),
}  # fmt: skip


class _Damaged(Exception):
    pass


def check_gguf(path: Path) -> None:
    """Returns when `path` is a readable and complete GGUF file.

    Raises:
        ModelUnavailable: it is missing, not readable, no GGUF file, of another version, or cut short.
    """
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            size = file.tell()
            file.seek(0)
            _check(file, size)
    except FileNotFoundError as exc:
        raise _unavailable(path, "does not exist") from exc
    except (_Damaged, struct.error, OverflowError, MemoryError) as exc:
        raise _unavailable(path, f"is damaged: {exc}") from exc
    except OSError as exc:
        raise _unavailable(path, f"cannot be read: {exc.strerror or exc}") from exc


def _unavailable(path: Path, problem: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The model file {path} {problem}.",
        remedy="Install Blog AI again, or set BLOGAI_MODEL_PATH to a whole GGUF file.",
        path=str(path),
    )


def _check(file: BinaryIO, size: int) -> None:
    if file.read(4) != MAGIC:
        raise _Damaged("it is no GGUF file")
    (version,) = _unpack(file, "<I")
    if version not in (2, 3):
        raise _Damaged(f"it is of GGUF version {version}, not 2 or 3")
    tensors, metadata = _unpack(file, "<QQ")
    if not 0 < tensors <= _MOST_TENSORS or metadata > _MOST_METADATA:
        raise _Damaged("its header makes no sense")
    alignment = 32
    for _ in range(metadata):
        key = _string(file, size)
        (kind,) = _unpack(file, "<I")
        if key == b"general.alignment" and kind == 4:
            (alignment,) = _unpack(file, "<I")
        else:
            _skip(file, kind, size)
    if alignment == 0 or alignment % 8:
        raise _Damaged("its alignment makes no sense")
    end = 0
    for _ in range(tensors):
        end = max(end, _tensor_end(file, size))
    start = -(-file.tell() // alignment) * alignment
    if start + end > size:
        raise _Damaged(f"it ends after {size} bytes instead of {start + end}")


def _tensor_end(file: BinaryIO, size: int) -> int:
    _string(file, size)
    (dimensions,) = _unpack(file, "<I")
    if not 0 < dimensions <= _MOST_DIMENSIONS:
        raise _Damaged("a tensor has an impossible shape")
    values = 1
    for length in _unpack(file, f"<{dimensions}Q"):
        values *= length
    kind, offset = _unpack(file, "<IQ")
    per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
    return int(offset + -(-values // per_block) * block_bytes)


def _skip(file: BinaryIO, kind: int, size: int) -> None:
    if kind in _SCALAR_BYTES:
        _advance(file, _SCALAR_BYTES[kind], size)
    elif kind == _STRING:
        _advance(file, _unpack(file, "<Q")[0], size)
    elif kind == _ARRAY:
        inner, count = _unpack(file, "<IQ")
        if inner in _SCALAR_BYTES:
            _advance(file, _SCALAR_BYTES[inner] * count, size)
        elif count > size:
            raise _Damaged("a list is longer than the file")
        elif inner != _STRING:
            raise _Damaged("a list holds neither numbers nor texts")
        else:
            for _ in range(count):
                _skip(file, inner, size)
    else:
        raise _Damaged(f"its metadata has the unknown type {kind}")


def _string(file: BinaryIO, size: int) -> bytes:
    (length,) = _unpack(file, "<Q")
    if length > size:
        raise _Damaged("a name is longer than the file")
    return _read(file, length)


def _advance(file: BinaryIO, count: int, size: int) -> None:
    if file.tell() + count > size:
        raise _Damaged("it ends within its metadata")
    file.seek(count, 1)


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _read(file, struct.calcsize(layout)))


def _read(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) != count:
        raise _Damaged("it ends within its header")
    return found
