"""The generated pages of the documentation are those that the program would write now."""

import pytest
from scripts.docs import DOCS, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "stale: run `make docs`"
