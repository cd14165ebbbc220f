"""The one table that benchmarks print."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        figure: a ratio, unless the name says a unit.
        goal: what it should be, as text.
        yardstick: what was measured in the same run for the ratio.
    """

    name: str
    figure: float
    goal: str
    yardstick: str


def show(title: str, rows: list[Row]) -> None:
    """Prints the rows."""
    table = Table("What", "Figure", "Goal", "Against", title=title, title_justify="left")
    for row in rows:
        table.add_row(
            row.name, f"{row.figure:.2f}" if row.figure < 100 else f"{row.figure:.0f}", row.goal, row.yardstick
        )
    Console(width=140).print(table)
