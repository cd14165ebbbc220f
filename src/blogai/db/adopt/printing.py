"""The report for people."""

from collections import Counter

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from blogai.db.adopt.report import Report

_WHO = {"adopt": "now", "migrate": "at `blogai db migrate`", "kept": "kept"}
_WORDS = {
    "repaired": "is repaired",
    "replaced": "is replaced; the old one stays in the notes",
    "kept": "is left alone",
    "blocks": "needs you",
}
_TOTALS = {"repaired": "to repair", "replaced": "to replace", "kept": "left alone", "blocks": "for you to decide"}


def show(report: Report, console: Console) -> None:
    """Migrations, differences and counted rows, as tables."""
    if report.migrations:
        table = Table("migration", "is", "lacks", box=None, pad_edge=False, header_style="bold")
        for found in report.migrations:
            name = f"{found.id} (also {', '.join(found.aliases)})" if found.aliases else found.id
            state = "missing: will be applied" if found.state == "missing" else found.state
            table.add_row(name, state, escape(", ".join(found.missing)))
        console.print(table)
    if report.differences:
        table = Table("difference", "found", "documented", "", box=None, pad_edge=False, header_style="bold")
        for difference in report.differences:
            cells = (difference.object, difference.found, difference.documented)
            table.add_row(*map(escape, cells), _WORDS[difference.action])
        console.print(table)
        totals = Counter(difference.action for difference in report.differences)
        console.print("; ".join(f"{_TOTALS[action]}: {number}" for action, number in totals.items()))
    if report.counts:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("rows", justify="right")
        for heading in ("what", "when", "for example"):
            table.add_column(heading)
        for count in report.counts:
            table.add_row(str(count.count), escape(count.what), _WHO[count.by], escape(", ".join(count.examples)))
        console.print(table)
