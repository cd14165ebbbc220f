"""Every error that Blog AI raises on purpose.

    BlogAIError
    ├── UserError              exit code 2: the caller can put it right
    │   ├── InvalidInput       422   one field is wrong; names it and the remedy
    │   ├── ConfigurationError 500   a setting is missing or wrong
    │   ├── Forbidden          403
    │   ├── NotFound           404
    │   ├── Conflict           409
    │   └── QuotaExceeded      429
    └── Fault                  exit code 1: something outside failed
        ├── DatabaseUnavailable 503
        ├── MigrationError      500
        ├── ProviderError       502  (and its children)
        └── RunInterrupted      500

The docstring of a class is its default message. `sqlstate` is what the SQL functions raise for the
same refusal; `from_sqlstate` finds the class again.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class BlogAIError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    sqlstate: ClassVar[str | None] = None
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str | None = None,
        *,
        remedy: str | None = None,
        field: str | None = None,
        **details: Any,
    ) -> None:
        """Args:
        message: one sentence; the class docstring when left out.
        remedy: what the reader can do about it, one sentence.
        field: the name of the input that is wrong.
        details: further members of the problem document (JSON values).
        """
        self.message = message or self.default_message()
        self.remedy = remedy
        self.field = field
        self.details = details
        super().__init__(self.message)

    @classmethod
    def default_message(cls) -> str:
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    @classmethod
    def code(cls) -> str:
        """The stable name that clients branch on: `QuotaExceeded` gives `quota-exceeded`."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}" if self.remedy else self.message

    def problem(self) -> dict[str, Any]:
        """The members of its problem document (RFC 9457): type, title, status, detail, code, then remedy, field and
        its own details."""
        members: dict[str, Any] = {
            "type": f"urn:blogai:error:{self.code()}",
            "title": self.default_message(),
            "status": self.status,
            "detail": self.message,
            "code": self.code(),
        }
        if self.remedy:
            members["remedy"] = self.remedy
        if self.field:
            members["field"] = self.field
        for name, value in self.details.items():
            members.setdefault(name, value)
        return members


class UserError(BlogAIError):
    """The request cannot be carried out as it is."""

    status = 400
    exit_code = 2


class InvalidInput(UserError):
    """The input is not valid."""

    status, sqlstate = 422, "ZINVL"


class ConfigurationError(UserError):
    """The settings do not fit together."""

    status = 500


class Forbidden(UserError):
    """You may not do that."""

    status, sqlstate = 403, "ZFORB"


class NotFound(UserError):
    """There is no such thing, or it is not yours to see."""

    status, sqlstate = 404, "ZNTFD"


class Conflict(UserError):
    """That clashes with something that exists already."""

    status, sqlstate = 409, "ZCNFL"


class QuotaExceeded(UserError):
    """The quota of your tier is used up."""

    status, sqlstate = 429, "ZQUOT"


class Fault(BlogAIError):
    """Something outside this program failed."""


class DatabaseUnavailable(Fault):
    """The database cannot be reached."""

    status = 503


class MigrationError(Fault):
    """The database schema could not be changed."""


class ProviderError(Fault):
    """The model provider failed."""

    status = 502


class ProviderRejected(ProviderError):
    """The model provider did not accept the key or the request."""


class ProviderUnavailable(ProviderError):
    """The model provider cannot be reached."""

    status = 503


class ProviderTimeout(ProviderError):
    """The model provider did not answer in time."""

    status = 504


class ProviderOverloaded(ProviderError):
    """The model provider asks to slow down."""

    status = 503


class ProviderOutputInvalid(ProviderError):
    """The model did not return text of the shape that was asked for."""


class ModelUnavailable(ProviderError):
    """The embedded model could not be loaded."""

    status = 503


class RunInterrupted(Fault):
    """The run ended because its process stopped; nothing was charged."""


def all_errors() -> list[type[BlogAIError]]:
    """Every class of the tree, parents before children."""
    found: list[type[BlogAIError]] = [BlogAIError]
    for cls in found:
        found.extend(cls.__subclasses__())
    return found


def from_sqlstate(sqlstate: str | None) -> type[BlogAIError] | None:
    """The class that stands for an SQLSTATE of class Z, or None."""
    if sqlstate is None:
        return None
    return next((c for c in all_errors() if c.__dict__.get("sqlstate") == sqlstate), None)


_MEMBERS = frozenset({"type", "title", "status", "detail", "code", "remedy", "field"})


def from_problem(problem: Mapping[str, Any]) -> BlogAIError:
    """The error that a problem document of ours tells of, for example that of a failed run."""
    cls = next((c for c in all_errors() if c.code() == problem.get("code")), Fault)
    return cls(
        problem.get("detail"),
        remedy=problem.get("remedy"),
        field=problem.get("field"),
        **{name: value for name, value in problem.items() if name not in _MEMBERS and name != "message"},
    )
