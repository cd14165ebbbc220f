"""What a look at a database found, and what an adoption does about it."""

from dataclasses import dataclass, field
from typing import Literal

State = Literal["recorded", "present", "partial", "missing"]

Action = Literal["repaired", "replaced", "kept", "blocks"]
"""kept: it may stay as it is. blocks: only the operator can say what is right."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How much of a documented migration is there."""

    id: str
    aliases: tuple[str, ...]
    state: State
    missing: list[str]
    """What a partial one lacks."""


@dataclass(frozen=True, kw_only=True)
class Fix:
    """Rows that break a rule which is to come, and what is done about them; their originals are kept."""

    table: str
    condition: str
    """Which rows `t`, in SQL."""
    change: str | None
    """`set ...` or `delete`; None: only the operator can tell what is right."""
    what: str
    first: "Fix | None" = None
    """What must happen before."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where the database is not as documented."""

    migration: str
    object: str
    found: str
    documented: str
    action: Action
    statements: list[str] = field(default_factory=list)
    """What repairs it, in this order; or, where it blocks, what the operator may run."""
    fix: Fix | None = None
    old: str | None = None
    """The statement that would make again what is replaced."""
    rank: int = 0
    """Statements of lower ranks come first."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """Rows that an adoption changes, or should tell about."""

    name: str
    count: int
    what: str
    by: Literal["adopt", "migrate", "kept"]
    """Who sees to it: this command, the next `blogai db migrate`, or nobody, since they may stay."""
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that is shown before anything is changed."""

    database: str
    migrations: list[Found]
    differences: list[Difference]
    counts: list[Count]
    steps: list[str]
    """What is still to be done, a transaction each; empty when the database is adopted."""
    done: bool = False
    """Whether the steps were taken."""

    @property
    def blocking(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.action == "blocks"]
