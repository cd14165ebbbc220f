"""What a brand voice brings with the embedded model: thirty drafts in three voices against drafts without."""

import statistics

import pytest
from benchmarks.voice_writing import BRANDS, corpus, run


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(corpus() is None, reason="no voice corpus: set BLOGAI_VOICE_CORPUS to the folder with dev.jsonl")
async def test_drafts_in_a_voice_score_higher_on_average() -> None:
    found = await run(10, BRANDS, 150, 1)
    assert len(found) >= 27
    plain = statistics.fmean(one.plain for one in found)
    assert statistics.fmean(one.voiced for one in found) > plain
    assert statistics.fmean(one.rewritten for one in found) > plain
    assert all(one.rewritten >= one.voiced for one in found)
