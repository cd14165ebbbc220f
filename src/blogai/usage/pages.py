"""Browser: the caller's usage."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from nicegui import ui

from blogai.db.database import Database
from blogai.errors import BlogAIError
from blogai.usage import service
from blogai.usage.models import UNLIMITED, Usage, UsageOfType
from blogai.web import components
from blogai.web.actor import current_actor
from blogai.web.frame import NavItem, add_to_navigation, frame

PATH = "/usage"

LABELS = {
    "blog": "Blog posts",
    "book": "Book chapters",
    "batch": "Batch items",
    "remix": "Remixes",
    "tool": "Marketing tools",
    "other": "Other",
}


def register(database: Database) -> None:
    """Adds the page to the program."""
    add_to_navigation(NavItem("Usage", PATH, "bar_chart", 30))

    @ui.page(PATH)
    async def usage_page(request: Request) -> None:
        with frame("Usage", active=PATH):
            components.heading("Usage", "What you have written in this period, and what is left.")
            try:
                async with database.transaction(current_actor(request)) as conn:
                    used = await service.usage(conn)
                    types = await service.breakdown(conn)
            except BlogAIError as error:
                components.notice(str(error), bad=True)
                return
            _meters(used)
            _breakdown(types)


def _meters(used: Usage) -> None:
    with ui.element("div").classes("grid-2"):
        _meter("This month", used.month_used, used.month_limit, f"Starts again on {_day(used.resets_at)}")
        _meter("Today", used.day_used, used.day_limit, f"Starts again {_until(used.day_resets_at)}")
    with ui.element("div").classes("facts").style("margin-top:16px"):
        components.fact("Tier", used.tier.capitalize())
        components.fact("Left now", "unlimited" if used.remaining == UNLIMITED else f"{used.remaining:,}")
        components.fact("Tokens this period", f"{used.month_tokens:,}")


def _meter(label: str, used: int, limit: int, hint: str) -> None:
    unlimited = limit == UNLIMITED
    share = 0.0 if unlimited else min(1.0, used / max(limit, 1))
    with ui.element("section").classes("panel meter"):
        components.text("h2", label, "small muted")
        with ui.element("div").classes("row-line").style("align-items:baseline"):
            components.text("span", f"{used:,}", "figure")
            components.text("span", "no limit" if unlimited else f"of {limit:,}", "muted")
        if not unlimited:
            bar = ui.element("div").classes("bar" + (" full" if share >= 0.9 else ""))
            bar.props(f'role="meter" aria-label="{label}" aria-valuemin="0" aria-valuenow="{used}"')
            with bar.props(f'aria-valuemax="{limit}"'):
                ui.element("div").style(f"width:max({share * 100:.1f}%, {8 if used else 0}px)")
        components.text("div", hint, "small muted")


def _breakdown(types: list[UsageOfType]) -> None:
    components.text("h2", "By kind", "section-title")
    if not types:
        components.empty_state("Nothing used yet", "What you write is counted here, by kind.", "Write a post")
        return
    rows = sorted(types, key=lambda row: row.units)
    with ui.element("div").classes("panel"):
        ui.echart(_chart(rows)).style(f"height:{60 + 44 * len(rows)}px").props(
            'role="img" aria-label="Units and tokens by kind; the table below has the figures"'
        )
        with ui.element("table").classes("figures"):
            with ui.element("thead"), ui.element("tr"):
                for name in ("Kind", "Units", "Tokens"):
                    components.text("th", name)
            with ui.element("tbody"):
                for row in reversed(rows):
                    with ui.element("tr"):
                        components.text("td", LABELS.get(row.operation_type, row.operation_type))
                        components.text("td", f"{row.units:,}")
                        components.text("td", f"{row.tokens:,}")


def _chart(rows: list[UsageOfType]) -> dict[str, Any]:
    ink, line = "#8a847b", "rgba(138,132,123,.25)"
    return {
        "animationDuration": 400,
        "grid": {"left": 8, "right": 40, "top": 8, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "none"}},
        "xAxis": {
            "type": "value",
            "minInterval": 1,
            "axisLabel": {"color": ink},
            "splitLine": {"lineStyle": {"color": line}},
        },
        "yAxis": {
            "type": "category",
            "data": [LABELS.get(row.operation_type, row.operation_type) for row in rows],
            "axisLabel": {"color": ink, "fontSize": 14},
            "axisLine": {"show": False},
            "axisTick": {"show": False},
        },
        "series": [
            {
                "name": "Units",
                "type": "bar",
                "data": [row.units for row in rows],
                "barMaxWidth": 18,
                "itemStyle": {"color": "#4d8a77", "borderRadius": 4},
                "label": {"show": True, "position": "right", "color": ink},
            }
        ],
    }


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %B %Y}"


def _until(moment: datetime) -> str:
    minutes = max(0, int((moment - datetime.now(UTC)).total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    return f"in {hours} h {minutes} min" if hours else f"in {minutes} min"
