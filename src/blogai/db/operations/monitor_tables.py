"""A report as tables for the terminal."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from blogai.db.operations.monitor import Report, Row

Show = Callable[[Any], str]


def _text(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone():%d %b %H:%M}"
        case timedelta():
            seconds = int(value.total_seconds())
            return f"{seconds // 86400} d" if seconds >= 172800 else f"{seconds // 3600}:{seconds // 60 % 60:02} h"
        case Decimal() | float():
            return f"{value:,.2f}"
        case int():
            return f"{value:,}"
    return escape(str(value))


def _limit(value: Any) -> str:
    return "∞" if value == -1 else _text(value)


def _bytes(value: Any) -> str:
    if value is None:
        return "-"
    size = float(value)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _short(value: Any) -> str:
    line = " ".join(str(value).split())
    return escape(line if len(line) <= 80 else line[:79] + "…")


_COLUMNS: dict[str, tuple[str, dict[str, Show]]] = {
    "quota": (
        "Quota of users, the fullest first",
        {
            "user_id": _text,
            "tier": _text,
            "current_usage": _text,
            "monthly_limit": _limit,
            "daily_usage": _text,
            "daily_limit": _limit,
            "remaining": _limit,
            "period_end": _text,
        },
    ),
    "approaching": (
        "Users approaching their quota",
        {"user_id": _text, "tier": _text, "current_usage": _text, "monthly_limit": _limit, "remaining": _text},
    ),
    "revenue": (
        "Revenue of active subscriptions",
        {
            "tier": _text,
            "currency": _text,
            "users": _text,
            "payments": _text,
            "gross": _text,
            "refunded": _text,
            "revenue": _text,
        },
    ),
    "tools": ("Tools", {"tool_id": _text, "count": _text, "percent": _text, "last_used_at": _text}),
    "failed_payments": (
        "Failed payments, not resolved",
        {"user_id": _text, "invoice_id": _text, "attempt_count": _text, "failure_reason": _text, "age": _text},
    ),
    "stuck_batch_jobs": (
        "Stuck batch jobs",
        {
            "id": _text,
            "user_id": _text,
            "name": _text,
            "status": _text,
            "completed_items": _text,
            "total_items": _text,
            "age": _text,
        },
    ),
    "reservations": (
        "Open reservations",
        {"user_id": _text, "operation_type": _text, "units": _text, "expires_at": _text, "expired": _text},
    ),
    "queue": ("Queue", {"task_name": _text, "status": _text, "jobs": _text, "late": _text, "failed_today": _text}),
    "sizes": (
        "Tables and indexes, the largest first",
        {
            "relation": _text,
            "kind": _text,
            "bytes": _bytes,
            "estimated_rows": _text,
            "dead_rows": _text,
            "bloat_bytes": _bytes,
            "last_vacuum": _text,
        },
    ),
    "statements": (
        "Slowest statements",
        {"mean_ms": _text, "calls": _text, "total_ms": _text, "statement": _short},
    ),
    "maintenance": (
        "Maintenance",
        {
            "task": _text,
            "last_outcome": _text,
            "last_detail": _text,
            "last_started_at": _text,
            "last_done_at": _text,
        },
    ),
}
"""Title and columns of each section; what is not named here is in the JSON alone."""


_HEADINGS = {
    "user_id": "user",
    "current_usage": "month",
    "monthly_limit": "of",
    "daily_usage": "today",
    "daily_limit": "of",
    "remaining": "left",
    "period_end": "resets",
    "tool_id": "tool",
    "last_used_at": "last used",
    "attempt_count": "attempts",
    "operation_type": "operation",
    "expires_at": "expires",
    "task_name": "task",
    "estimated_rows": "rows",
    "dead_rows": "dead",
    "bloat_bytes": "bloat",
    "last_vacuum": "vacuumed",
    "last_outcome": "result",
    "last_detail": "detail",
    "last_started_at": "started",
    "last_done_at": "last done",
}
"""Short, so that every table fits into 80 columns."""

_FOLDED = {"user_id", "id", "relation", "invoice_id", "failure_reason", "last_detail", "name", "tool_id", "statement"}
"""Columns that may take several lines."""


def render(report: Report) -> RenderableType:
    """Warnings, then one table for each section that has rows; the empty ones are named in the last line."""
    parts: list[RenderableType] = [Text(f"Blog AI, {report.at.astimezone():%Y-%m-%d %H:%M:%S}", style="dim")]
    parts += [Text(f"! {warning}", style="yellow") for warning in report.warnings]
    if not report.warnings:
        parts.append(Text("No warnings", style="green"))
    for name, (title, columns) in _COLUMNS.items():
        if rows := report.sections[name]:
            parts += [Text(), _title(title, rows), _table(columns, rows)]
    empty = [_COLUMNS[name][0].lower() for name, rows in report.sections.items() if not rows]
    if empty:
        parts += [Text(), Text(f"Nothing to show: {'; '.join(empty)}.", style="dim")]
    return Group(*parts)


def _title(title: str, rows: list[Row]) -> Text:
    total = next((row[key] for row in rows[:1] for key in row if key.startswith("of_")), len(rows))
    more = f" ({len(rows)} of {total})" if total > len(rows) else ""
    return Text(title + more, style="bold")


def _table(columns: dict[str, Show], rows: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name, show in columns.items():
        value = rows[0][name]
        number = show is _bytes or (isinstance(value, int | float | Decimal) and not isinstance(value, bool))
        table.add_column(
            _HEADINGS.get(name, name.replace("_", " ")),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=name not in _FOLDED,
        )
    for row in rows:
        table.add_row(*(show(row[name]) for name, show in columns.items()))
    return table
