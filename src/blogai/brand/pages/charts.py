"""Charts of a trained voice: options for ECharts, from the fingerprint alone."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blogai.brand.models import StoredScore

if TYPE_CHECKING:
    from blogai.brand.voice.fingerprint import Fingerprint

INK, LINE, ACCENT = "#8a847b", "rgba(138,132,123,.25)", "#4d8a77"

USUAL = Path(__file__).with_name("usual_sentences.json")
"""Sentence lengths of the average writer: a histogram over the development brands, built by a benchmark."""


@cache
def usual_lengths() -> dict[str, Any]:
    """Classes of sentence lengths (`from`, words) and the share of the average writer's sentences in each."""
    found: dict[str, Any] = json.loads(USUAL.read_text(encoding="utf-8"))
    return found


def radar(values: dict[str, float]) -> dict[str, Any]:
    """Values of 0 to 1 as a radar; 0.5 is the average writer."""
    names = list(values)
    return {
        "tooltip": {},
        "legend": {"bottom": 0, "itemWidth": 12, "textStyle": {"color": INK}},
        "radar": {
            "indicator": [{"name": name.capitalize(), "max": 1} for name in names],
            "radius": "48%",  # leaves room for the names on a phone
            "center": ["50%", "47%"],
            "axisName": {"color": INK, "fontSize": 11},
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


def sentence_lengths(voice: "Fingerprint") -> dict[str, Any]:
    """How long the sentences of the samples are, with those of the average writer behind them."""
    histogram, usual = voice.sentence_patterns["length_histogram"], usual_lengths()
    edges = [int(edge) for edge in histogram["from"]]
    series = [("This voice", histogram, ACCENT)]
    if [int(edge) for edge in usual["from"]] == edges:
        series.append(("Average writer", usual, INK))
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "none"}},
        "legend": {"bottom": 0, "icon": "roundRect", "itemWidth": 12, "textStyle": {"color": INK}},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 36, "containLabel": True},
        "xAxis": {
            "type": "category",
            "data": [f"{low}-{high - 1}" for low, high in pairwise(edges)] + [f"{edges[-1]}+"],
            "axisLabel": {"color": INK, "fontSize": 11},
            "axisTick": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "axisLabel": {"color": INK, "formatter": "{value} %"},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            {
                "name": name,
                "type": "bar",
                "barGap": "0%",
                "data": [round(100 * float(share), 1) for share in found["share"]],
                "itemStyle": {
                    "color": colour,
                    "opacity": 1 if found is histogram else 0.45,
                    "borderRadius": [3, 3, 0, 0],
                },
            }
            for name, found, colour in series
        ],
    }


def trend(scores: list[StoredScore]) -> dict[str, Any]:
    """Overall scores over time, the oldest on the left; drafts that were rewritten stand beside the line, and so do
    scores by another version of the measure than the newest one, since they do not compare."""
    ordered = sorted(scores, key=lambda score: score.created_at)
    newest = ordered[-1].feedback.get("measure")
    earlier = [score for score in ordered if score.feedback.get("measure") != newest]
    today = [score for score in ordered if score.feedback.get("measure") == newest]
    drafts = [score for score in today if score.feedback.get("stage") == "draft"]
    texts = [score for score in today if score.feedback.get("stage") != "draft"]
    series = [
        {**_points("Text", texts), "type": "line", "lineStyle": {"color": ACCENT}, "itemStyle": {"color": ACCENT}}
    ]
    for name, beside, symbol in (("Draft before rewriting", drafts, "circle"), ("Earlier measure", earlier, "diamond")):
        if beside:
            series.append({**_points(name, beside), "type": "scatter", "symbol": symbol, "itemStyle": {"color": INK}})
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"show": len(series) > 1, "bottom": 0, "itemWidth": 12, "textStyle": {"color": INK}},
        "grid": {"left": 8, "right": 16, "top": 16, "bottom": 36 if len(series) > 1 else 8, "containLabel": True},
        "xAxis": {"type": "time", "axisLabel": {"color": INK, "hideOverlap": True}},
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "axisLabel": {"color": INK, "formatter": "{value} %"},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": series,
    }


def _points(name: str, scores: list[StoredScore]) -> dict[str, Any]:
    values = [[score.created_at.isoformat(), round(100 * score.overall_score, 1)] for score in scores]
    return {"name": name, "data": values, "symbolSize": 7}


def in_words(title: str, options: dict[str, Any]) -> str:
    """What a chart shows, for who cannot see it."""
    series = options["series"]
    if "radar" in options:
        names = [axis["name"].lower() for axis in options["radar"]["indicator"]]
        values = zip(names, series[0]["data"][0]["value"], strict=True)
        figures = ", ".join(f"{name} {100 * value:.0f}" for name, value in values)
        return f"{title}, of 100, where the average writer has 50: {figures}."
    if options["xAxis"]["type"] == "category":
        parts = []
        for number, name in enumerate(options["xAxis"]["data"]):
            own, *usual = (f"{one['data'][number]:g} %" for one in series)
            parts.append(f"{name} words {own}" + "".join(f" (average writer {share})" for share in usual))
        return f"{title}, shares of all sentences: {', '.join(parts)}."
    told = [f"{one['name']}: {', '.join(f'{value:g} %' for _, value in one['data'])}" for one in series if one["data"]]
    return f"{title}, from old to new. {'; '.join(told)}."
