"""Rows that break a documented rule where the live schema lacks it, and what is done about them."""

from blogai.db.adopt.report import Fix
from blogai.db.adopt.shape import Item, quote

_STATUSES = (
    "case status when 'canceled' then 'cancelled' when 'incomplete_expired' then 'cancelled'"
    " when 'unpaid' then 'past_due' when 'paused' then 'past_due' end"
)


def of_missing_column(column: Item) -> Fix | None:
    """A required column without a default, for which rows that exist have no value."""
    if not column.facts["required"] or column.facts["default"]:
        return None
    return Fix(table=column.table, condition="true", change=None, what=f"rows have no {column.name}")


def of_nulls(column: Item) -> Fix:
    """Rows without a value where one is required get the default."""
    name = quote(column.name)
    default = column.facts["default"]
    return Fix(
        table=column.table,
        condition=f"t.{name} is null",
        change=f"set {name} = {default}" if default else None,
        what=f"rows without {column.name}" + (f" get {default}" if default else ""),
    )


def of_constraint(item: Item) -> Fix | None:
    """Rows that the constraint would refuse."""
    kind, columns = item.facts["type"], [quote(column) for column in item.facts["columns"] or []]
    if kind == "c":
        condition = str(item.facts["condition"])
        if (item.table, item.facts["columns"]) == ("stripe_subscriptions", ["status"]):
            return Fix(
                table=item.table,
                condition=f"not {condition}",
                change=f"set status = coalesce({_STATUSES}, 'incomplete')",
                what="subscriptions with a status in Stripe's own words get the documented one,"
                " unknown ones `incomplete`",
            )
        return Fix(table=item.table, condition=f"not {condition}", change=None, what=f"rows that break {item.name}")
    if kind in ("p", "u"):
        return _repeated(item.table, columns)
    if kind == "f":
        return _orphans(item, columns[0])
    return None


def of_index(item: Item) -> Fix | None:
    """Rows that a unique index would refuse."""
    if item.kind != "index" or not item.facts["unique"]:
        return None
    return _repeated(item.table, [quote(column) for column in item.facts["columns"]])


def _repeated(table: str, columns: list[str]) -> Fix:
    newest = "t.ctid" if table == "tier_limits" else "t.created_at, t.id"
    change, what = None, f"rows that repeat {', '.join(columns)}"
    if columns == ['"slug"']:
        change = "set slug = t.slug || '-' || left(t.id::text, 8)"
        what = "rows whose slug another one had before get a slug of their own"
    elif (table, columns) == ("voice_fingerprints", ['"profile_id"']):
        newest = (
            "(exists (select from public.brand_profiles as b"
            " where b.id = t.profile_id and b.voice_fingerprint_id = t.id)) desc,"
            " t.last_trained_at desc nulls last, t.updated_at desc, t.id"
        )
        change, what = (
            "delete",
            "fingerprints beside the one that their profile points at, or the newest, are set aside",
        )
    names = ", ".join(f"t.{column}" for column in columns)
    present = " and ".join(f"t.{column} is not null" for column in columns)
    condition = (
        "t.ctid in (select d.place from (select t.ctid as place, row_number() over"
        f" (partition by {names} order by {newest}) as number from public.{quote(table)} as t where {present}) as d"
        " where d.number > 1)"
    )
    first = None
    if table == "voice_fingerprints" and change:
        first = Fix(
            table="brand_profiles",
            condition=f"t.voice_fingerprint_id in (select t.id from public.voice_fingerprints as t where {condition})",
            change="set voice_fingerprint_id = null",
            what="profiles that point at such a fingerprint of another profile point at none",
        )
    return Fix(table=table, condition=condition, change=change, what=what, first=first)


def _orphans(item: Item, column: str) -> Fix:
    parent = str(item.facts["definition"]).partition("REFERENCES ")[2].partition("(")[0]
    condition = f"t.{column} is not null and not exists (select from {parent} as p where p.id = t.{column})"
    if item.table == "brand_profiles":
        return Fix(
            table=item.table,
            condition=condition,
            change=f"set {column} = null",
            what="profiles that point at a fingerprint that is gone point at none",
        )
    return Fix(
        table=item.table, condition=condition, change="delete", what="rows of profiles that are gone are set aside"
    )
