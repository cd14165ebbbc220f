"""Random lives of subscriptions, grants and payments: the tier is always what a few lines of Python say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.conftest import Server
from tests.db.sequences import play

USERS = st.sampled_from(["ann", "bob"])
TIERS = ["free", "starter", "pro", "business"]
SUBSCRIPTIONS = st.sampled_from(["s1", "s2", "s3"])
STORED = {
    "active": "active",
    "trialing": "trialing",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "incomplete": "incomplete",
    "incomplete_expired": "cancelled",
    "canceled": "cancelled",
}
GRACE = timedelta(days=7)
DAY = timedelta(days=1)
CLEAN = """
delete from public.stripe_subscriptions; delete from public.usage_reservations; delete from public.usage_records;
delete from public.user_quotas; delete from public.users; delete from public.payments;
"""


def billing(conn: psycopg.Connection[Any]) -> type[RuleBasedStateMachine]:
    """A machine that works on this connection; each run begins with empty tables."""

    class Billing(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            conn.execute(CLEAN.encode())
            self.now = datetime.now(UTC)
            self.event = 0
            self.subscriptions: dict[str, dict[str, Any]] = {}
            self.grants = {"ann": "free", "bob": "free"}
            self.quota_rows: set[str] = set()

        def expected(self, user: str) -> str:
            tiers = [self.grants[user] if user in self.quota_rows else "free"]
            for s in self.subscriptions.values():
                until = self.now + 1000 * DAY if s["raw"] in ("active", "trialing", "past_due") else self.now
                if s["raw"] == "past_due":
                    until = s["past_due_since"] + GRACE
                if s["cancel"]:
                    until = min(until, s["end"])
                if s["user"] == user and until > self.now:
                    tiers.append(s["tier"])
            return max(tiers, key=TIERS.index)

        @rule(
            name=SUBSCRIPTIONS,
            user=USERS,
            tier=st.sampled_from(TIERS[1:]),
            raw=st.sampled_from(list(STORED)),
            cancel=st.booleans(),
            late=st.booleans(),
            start=st.integers(-40, -1),
        )
        def hear_of_a_subscription(
            self, name: str, user: str, tier: str, raw: str, cancel: bool, late: bool, start: int
        ) -> None:
            """An event, in order or late; the numbers of events stand for Stripe's time."""
            before = self.subscriptions.get(name)
            self.event += 1
            number = before["event"] - 1 if late and before else self.event
            begins, ends = self.now + start * DAY, self.now + (start + 45) * DAY
            stored: Any = conn.execute(
                "select public.record_subscription(%s, %s, %s, %s, %s, 'c', %s, %s, %s) as done",
                [name, user, tier, raw, self.time_of(number), begins, ends, cancel],
            ).fetchone()
            final = before is not None and STORED[before["raw"]] == "cancelled"
            assert stored["done"] is not (final or (before is not None and number < before["event"]))
            if not stored["done"]:
                return
            grace = before["past_due_since"] if before and STORED[before["raw"]] == "past_due" else self.time_of(number)
            self.subscriptions[name] = {
                "user": user, "tier": tier, "raw": raw, "cancel": cancel, "end": ends, "event": number,
                "past_due_since": grace,
            }  # fmt: skip
            self.quota_rows |= {user, *([before["user"]] if before else [])}

        def time_of(self, number: int) -> datetime:
            """Minutes apart: a grace that ends whole days on stays ahead of a clock that goes on during the run."""
            return self.now - 2 * DAY + timedelta(minutes=number)

        @rule(user=USERS, tier=st.sampled_from(TIERS))
        def grant(self, user: str, tier: str) -> None:
            conn.execute(
                "insert into public.user_quotas (user_id, tier) values (%s, %s)"
                " on conflict (user_id) do update set tier = excluded.tier",
                [user, tier],
            )
            self.grants[user] = tier
            self.quota_rows.add(user)

        @rule(user=USERS, tier=st.sampled_from(TIERS))
        def make_an_account(self, user: str, tier: str) -> None:
            conn.execute(
                "insert into public.users (user_id, tier) values (%s, %s)"
                " on conflict (user_id) do update set tier = excluded.tier",
                [user, tier],
            )

        @rule(user=USERS, invoice=st.sampled_from(["i1", "i2"]), refunded=st.booleans())
        def pay_or_refund(self, user: str, invoice: str, refunded: bool) -> None:
            conn.execute(
                "insert into public.payments (user_id, invoice_id, amount_cents, status) values (%s, %s, 100, %s)"
                " on conflict (invoice_id) do update set status = excluded.status",
                [user, invoice, "refunded" if refunded else "paid"],
            )

        @rule(name=SUBSCRIPTIONS)
        def forget_a_subscription(self, name: str) -> None:
            conn.execute("delete from public.stripe_subscriptions where subscription_id = %s", [name])
            self.subscriptions.pop(name, None)

        @rule(user=USERS)
        def use(self, user: str) -> None:
            conn.execute("select public.increment_user_usage(%s, 'blog')", [user])
            self.quota_rows.add(user)

        @rule(days=st.integers(1, 20))
        def let_time_pass(self, days: int) -> None:
            """Every date moves back, unseen by triggers; then the job that nothing depends on runs."""
            with conn.transaction():
                conn.execute(
                    f"""
                    set local session_replication_role = replica;
                    update public.stripe_subscriptions
                       set current_period_start = current_period_start - interval '{days} days',
                           current_period_end = current_period_end - interval '{days} days',
                           past_due_since = past_due_since - interval '{days} days';
                    update public.user_quotas
                       set period_start = period_start - interval '{days} days',
                           period_end = period_end - interval '{days} days',
                           billing_anchor = billing_anchor - interval '{days} days', day_start = day_start - {days};
                    update public.usage_records set "timestamp" = "timestamp" - interval '{days} days';
                    """.encode()
                )
            for s in self.subscriptions.values():
                s["end"] -= days * DAY
                s["past_due_since"] -= days * DAY
            for user in self.quota_rows:
                checked: Any = conn.execute("select tier from public.check_quota_available(%s)", [user]).fetchone()
                assert checked["tier"] == self.expected(user), "the readers do not wait for the job"
            conn.execute("select public.reset_expired_quotas()")

        @invariant()
        def all_places_agree_with_the_model(self) -> None:
            for user in ("ann", "bob"):
                rows = conn.execute("select tier from public.get_subscription_status(%s)", [user]).fetchall()
                assert [row["tier"] for row in rows] == [self.expected(user)]
                for table in ("user_quotas", "users"):
                    row = conn.execute(
                        f"select tier from public.{table} where user_id = %s".encode(), [user]
                    ).fetchone()
                    assert row is None or row["tier"] == self.expected(user), table

        @invariant()
        def counters_equal_the_log(self) -> None:
            assert (
                conn.execute(
                    "select * from private.usage_reconciliation where month_difference <> 0 or day_difference <> 0"
                ).fetchall()
                == []
            )

        @invariant()
        def windows_are_current(self) -> None:
            for row in conn.execute("select * from public.user_quotas").fetchall():
                assert row["period_start"] < row["period_end"]
                assert row["period_end"] > datetime.now(UTC)
                assert row["period_end"] - row["period_start"] <= 31 * DAY

    return Billing


def test_some_lives(server: Server, shared_database: str) -> None:
    play(billing, server, shared_database, examples=12, steps=30)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_lives(server: Server, shared_database: str) -> None:
    play(billing, server, shared_database, examples=300, steps=50)
