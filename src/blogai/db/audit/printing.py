"""The report of an audit as people read it."""

from typing import TYPE_CHECKING, get_args

from blogai.db.audit.findings import Operation, Report

if TYPE_CHECKING:
    from rich.console import Console


def print_report(report: Report, console: "Console") -> None:
    """A line for each object and operation, with all who can do it; then the counts."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("can", "on", "who", "what"):
        table.add_column(heading, overflow="fold")
    for operation in get_args(Operation):
        for name in sorted(report.objects(operation)):
            same = [f for f in report.findings if (f.operation, f.object) == (operation, name)]
            details = ", ".join(dict.fromkeys(f.detail for f in same))
            table.add_row(operation, name, ", ".join(dict.fromkeys(f.caller for f in same)), details)
    if report.findings:
        console.print(table)
        console.print()
    for name, reason in sorted(report.not_seeded.items()):
        console.print(f"not tried: {name}: {reason}", markup=False)
    counts = ", ".join(
        f"{len(report.objects(operation))} {operation}"
        for operation in get_args(Operation)
        if report.objects(operation)
    )
    console.print(
        f"{report.tables} tables and views, {report.functions} functions, {report.attempts} attempts: "
        f"{counts or 'no findings'}."
    )
