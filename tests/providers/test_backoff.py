"""Waits grow, are random, and honour what the provider asks for."""

import random

import pytest

from blogai.providers.backoff import Backoff


def test_bound_doubles_up_to_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    waits = [Backoff(base=0.5, cap=4).delay(attempt) for attempt in range(6)]
    assert waits == [0.5, 1, 2, 4, 4, 4]


def test_jitter_spreads_over_the_whole_range() -> None:
    waits = [Backoff(base=1, cap=1).delay(0) for _ in range(400)]
    assert all(wait is not None and 0 <= wait <= 1 for wait in waits)
    assert min(w for w in waits if w is not None) < 0.1
    assert max(w for w in waits if w is not None) > 0.9


def test_never_shorter_than_asked_and_never_beyond_patience() -> None:
    wait = Backoff(base=1, patience=30).delay(0, retry_after=10)
    assert wait is not None
    assert 10 <= wait <= 11
    assert Backoff(patience=30).delay(0, retry_after=31) is None
