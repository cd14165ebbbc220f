"""Prices come from the package, and unknown means None."""

from decimal import Decimal

import pytest

from blogai.providers.pricing import cost_usd
from blogai.providers.values import Tokens


def test_local_is_free() -> None:
    assert cost_usd(kind="local", model="x", base_url=None, input_tokens=9, output_tokens=9) == Decimal(0)


def test_known_model() -> None:
    million = 1_000_000
    price = cost_usd(kind="openai", model="gpt-4o-mini", base_url=None, input_tokens=million, output_tokens=million)
    assert price == Decimal("0.75")
    cached = cost_usd(
        kind="openai", model="gpt-4o-mini", base_url=None, input_tokens=million, output_tokens=0, cached_tokens=million
    )
    assert cached == Decimal("0.075")


@pytest.mark.parametrize(
    ("kind", "model", "url"),
    [
        ("openai", "no-such-model", None),
        ("openai-compatible", "gpt-4o-mini", "http://127.0.0.1:11434/v1"),
        ("python", "gpt-4o-mini", None),
    ],
)
def test_unknown_is_none(kind: str, model: str, url: str | None) -> None:
    assert cost_usd(kind=kind, model=model, base_url=url, input_tokens=9, output_tokens=9) is None


def test_sums() -> None:
    known = Tokens(1, 2, Decimal("0.5"))
    assert known + Tokens() == known
    assert (known + Tokens(3, 4, None, estimated=True)) == Tokens(4, 6, None, estimated=True)
    assert (known + known).total == 6
