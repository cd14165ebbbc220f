"""Charts of a trained voice: options for ECharts, from the fingerprint alone."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from blogai.brand.models import StoredScore

if TYPE_CHECKING:
    from blogai.brand.voice import Fingerprint

INK, LINE, ACCENT = "#8a847b", "rgba(138,132,123,.25)", "#4d8a77"


def radar(values: dict[str, float]) -> dict[str, Any]:
    """Values of 0 to 1 as a radar; 0.5 is the average writer."""
    names = list(values)
    return {
        "tooltip": {},
        "radar": {
            "indicator": [{"name": name.capitalize(), "max": 1} for name in names],
            "radius": "62%",
            "axisName": {"color": INK, "fontSize": 12},
            "splitLine": {"lineStyle": {"color": LINE}},
            "axisLine": {"lineStyle": {"color": LINE}},
            "splitArea": {"show": False},
        },
        "series": [
            {
                "type": "radar",
                "symbolSize": 4,
                "data": [
                    {
                        "name": "This voice",
                        "value": [round(values[name], 3) for name in names],
                        "areaStyle": {"opacity": 0.2},
                        "itemStyle": {"color": ACCENT},
                        "lineStyle": {"color": ACCENT},
                    },
                    {
                        "name": "Average writer",
                        "value": [0.5] * len(names),
                        "symbol": "none",
                        "itemStyle": {"color": INK},
                        "lineStyle": {"color": INK, "type": "dashed", "width": 1},
                    },
                ],
            }
        ],
    }


def traits(voice: "Fingerprint") -> dict[str, float]:
    """The style measures that a radar can show."""
    return {name: float(value) for name, value in voice.style_metrics.items() if isinstance(value, int | float)}


def sentence_lengths(voice: "Fingerprint", usual: float) -> dict[str, Any]:
    """How long the sentences of the samples are, with the average of the background marked.

    Args:
        usual: words a sentence of the average writer.
    """
    histogram = voice.sentence_patterns["length_histogram"]
    edges = [int(edge) for edge in histogram["from"]]
    labels = [f"{low}-{high - 1}" for low, high in pairwise(edges)] + [f"{edges[-1]}+"]
    at = sum(usual >= edge for edge in edges) - 1
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "none"}},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": labels, "axisLabel": {"color": INK}, "axisTick": {"show": False}},
        "yAxis": {
            "type": "value",
            "axisLabel": {"color": INK, "formatter": "{value} %"},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            {
                "name": "Sentences, %",
                "type": "bar",
                "data": [round(100 * float(share), 1) for share in histogram["share"]],
                "itemStyle": {"color": ACCENT, "borderRadius": [4, 4, 0, 0]},
                "markLine": {
                    "symbol": "none",
                    "data": [{"xAxis": at}],
                    "lineStyle": {"color": INK, "type": "dashed"},
                    "label": {"formatter": f"average writer: {usual:.0f}", "color": INK},
                },
            }
        ],
    }


def trend(scores: list[StoredScore]) -> dict[str, Any]:
    """Overall scores over time, the oldest on the left."""
    ordered = sorted(scores, key=lambda score: score.created_at)
    return {
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {"color": INK}},
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "axisLabel": {"color": INK},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            {
                "name": "Score",
                "type": "line",
                "data": [[score.created_at.isoformat(), round(100 * score.overall_score, 1)] for score in ordered],
                "itemStyle": {"color": ACCENT},
                "lineStyle": {"color": ACCENT},
                "symbolSize": 7,
            }
        ],
    }
