"""How one object differs from the documented one."""

from blogai.db.adopt.report import Action, Difference, Fix
from blogai.db.adopt.shape import Item

_RANKS = {"table": 0, "column": 1, "constraint": 3, "index": 4, "function": 5, "trigger": 6, "policy": 7}


def difference(
    by: str,
    item: Item,
    found: str,
    documented: str,
    *statements: str,
    action: Action = "repaired",
    fix: Fix | None = None,
    rank: int | None = None,
    old: Item | None = None,
) -> Difference:
    """One difference of an object.

    Args:
        by: migration that makes the object.
        found: what the database has.
        documented: what it should have.
        statements: what repairs it.
        old: the object before, where it is replaced.
        rank: when it is repaired among others; by kind when left out.
    """
    return Difference(
        migration=by,
        object=item.label,
        found=found,
        documented=documented,
        action=action,
        statements=list(statements),
        fix=fix,
        old=old.create if old else None,
        rank=_RANKS[item.kind] if rank is None else rank,
    )
