"""Files for the commands about voices: no more of them is read than a sample may have."""

from pathlib import Path

import pytest

from blogai.brand.reading import MOST_BYTES
from blogai.brand.terminal import read
from blogai.errors import InvalidInput


def test_of_a_huge_file_only_so_much_is_read_as_tells_it_is_huge(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(3 * MOST_BYTES)
    name, content = read(str(huge))
    assert (name, len(content)) == ("huge.txt", MOST_BYTES + 1)


@pytest.mark.parametrize("name", ["", "missing.txt", "a\x00b"])
def test_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read") as caught:
        read(str(tmp_path / name))
    assert (caught.value.field, bool(caught.value.remedy)) == ("file", True)


def test_a_name_in_another_encoding(tmp_path: Path) -> None:
    named = tmp_path / "caf\udce9.txt"
    named.write_text("text")
    assert read(str(named)) == ("caf?.txt", b"text")
