"""What an audit reports."""

from dataclasses import dataclass, field
from typing import Literal

Operation = Literal[
    "read",
    "insert",
    "update",
    "delete",
    "hand over",
    "raise",
    "truncate",
    "references",
    "trigger",
    "maintain",
    "leak",
    "change",
    "open",
    "unusable",
]
"""What a tenant could do that it should not; `unusable` is what it could not do with rows of its own."""


@dataclass(frozen=True)
class Finding:
    """One thing that one kind of caller can do with one object."""

    operation: Operation
    object: str
    caller: str
    detail: str


@dataclass
class Report:
    """The outcome of an audit."""

    findings: list[Finding] = field(default_factory=list)
    not_seeded: dict[str, str] = field(default_factory=dict)
    """Tables that could not be tried, with the reason."""
    tables: int = 0
    functions: int = 0
    attempts: int = 0

    def objects(self, operation: Operation) -> set[str]:
        """The objects with a finding of this kind."""
        return {finding.object for finding in self.findings if finding.operation == operation}

    def add(self, operation: Operation, name: str, caller: str, detail: str) -> None:
        self.findings.append(Finding(operation, name, caller, detail))
