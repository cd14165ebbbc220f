"""What a brand voice brings with the embedded model: thirty drafts in three voices against drafts without.

The scores are those of the voice that was written in; what a judge of other posts says is printed and not asserted.
BLOGAI_VOICE_DRAFTS names a file of what was written already, so that the quarter of an hour can be spent in pieces.
"""

import os
from pathlib import Path

import pytest
from benchmarks.voice_writing import BRANDS, corpus, gain, run

TOPICS = 10
CORPUS, DRAFTS = corpus(), os.environ.get("BLOGAI_VOICE_DRAFTS")  # now: tests run without settings of ours


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(CORPUS is None, reason="no voice corpus: set BLOGAI_VOICE_CORPUS to the folder with dev.jsonl")
async def test_drafts_in_a_voice_score_higher_on_average(tmp_path: Path) -> None:
    assert CORPUS is not None
    keep = Path(DRAFTS) if DRAFTS else tmp_path / "drafts.jsonl"
    found = await run(CORPUS, TOPICS, BRANDS, 150, 1, keep=keep, seconds=3000)
    assert len(found) >= 0.9 * TOPICS * len(BRANDS)
    for after in ("voiced", "rewritten"):
        mean, low, _ = gain(found, after)
        assert mean > low > 0, after
    assert all(one.rewritten >= one.voiced for one in found)
