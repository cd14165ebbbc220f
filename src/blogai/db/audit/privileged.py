"""Which columns a tenant must not write in its own row, judged by name and place."""

import re

from blogai.db.audit.catalog import Column, Relation

_NAMES = re.compile(
    r"tier|plan|role|status|state|is_admin|verified"
    r"|(?!word_).*_?count|.*_used|(?:completed|failed|total)_.*|.*_limit|tokens?|.*_tokens"
    r"|.*cost.*|amount.*|price.*|balance|credits?|currency"
    r"|results?|analysis_result|quality.*|.*_(?:quality|score|status)|is_analyzed"
    r"|stripe_.*|customer_id|subscription_id|invoice_id|billing_.*|period_.*|reservation_id|expires_at"
)
_OF_AN_ACCOUNT = re.compile(r"is_.*|.*_id|.*_at")


def privileged(relation: Relation, column: Column) -> bool:
    """Status, tier, counter, cost and result columns; in a table with one row a tenant also flags and references."""
    if column.name == relation.owner:
        return False
    return bool(_NAMES.fullmatch(column.name) or (relation.is_account and _OF_AN_ACCOUNT.fullmatch(column.name)))
