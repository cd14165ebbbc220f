"""A model file is looked at before native code gets to see it."""

import struct
from pathlib import Path

import pytest

from blogai.errors import ModelUnavailable
from blogai.providers.gguf import check_gguf
from blogai.providers.local import shipped_model


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def model_file(*, version: int = 3, tensors: int = 1, metadata: int = 2, kind: int = 4, data: int = 64) -> bytes:
    """A tiny file: one name, one list of strings, one tensor of 16 floats."""
    head = b"GGUF" + struct.pack("<IQQ", version, tensors, metadata)
    name = text(b"general.name") + struct.pack("<I", 8) + text(b"tiny")
    words = text(b"words") + struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"b")
    tensor = text(b"weight") + struct.pack("<IQIQ", 1, 16, 0, 0)
    body = head + name + words + tensor
    return body + bytes(-len(body) % 32) + bytes(data)


def test_whole_files_pass(tmp_path: Path) -> None:
    check_gguf(shipped_model())
    path = tmp_path / "tiny.gguf"
    path.write_bytes(model_file())
    check_gguf(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no GGUF file"),
        (b"This is a letter, not a model.\n" * 50, "no GGUF file"),
        (b"GGUF", "ends within its header"),
        (model_file()[:60], "ends within"),
        (model_file(data=32), "ends after 192 bytes instead of 224"),
        (model_file(version=9), "version 9"),
        (model_file(tensors=0), "makes no sense"),
        (model_file(tensors=2**60), "makes no sense"),
        (model_file(metadata=500), "damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 2**62), "longer than the file"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text(b"x") + struct.pack("<IIQ", 9, 8, 2**62),
            "longer than the file",
        ),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text(b"x") + struct.pack("<IIQ", 9, 4, 2**62), "ends within"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text(b"x") + struct.pack("<I", 99), "unknown type"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=problem) as caught:
        check_gguf(path)
    assert "BLOGAI_MODEL_PATH" in str(caught.value.remedy)


def test_lists_within_lists_do_not_exhaust_the_stack(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    nested = struct.pack("<IQ", 9, 1) * 5000
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text(b"x") + struct.pack("<I", 9) + nested)
    with pytest.raises(ModelUnavailable, match="damaged"):
        check_gguf(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="does not exist"):
        check_gguf(tmp_path / "none.gguf")
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        check_gguf(tmp_path)


@pytest.mark.parametrize("keep", [0.001, 0.01, 0.5, 0.999])
def test_every_truncation_of_the_shipped_file_is_seen(tmp_path: Path, keep: float) -> None:
    whole = shipped_model()
    path = tmp_path / "cut.gguf"
    with whole.open("rb") as source:
        path.write_bytes(source.read(int(whole.stat().st_size * keep)))
    with pytest.raises(ModelUnavailable, match="damaged"):
        check_gguf(path)
