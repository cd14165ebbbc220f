"""Whatever happens in whatever order: what is read before a call says what the call does, and the log adds up."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)
from tests.conftest import Server
from tests.db.sequences import play

USERS = st.sampled_from(["ann", "bob"])
TIERS = st.sampled_from(["free", "starter", "pro"])
CLEAN = "delete from public.usage_reservations; delete from public.usage_records; delete from public.user_quotas"


def metering(conn: psycopg.Connection[Any]) -> type[RuleBasedStateMachine]:
    """A machine that works on this connection; each run begins with empty tables."""

    class Metering(RuleBasedStateMachine):
        held = Bundle("held")

        def __init__(self) -> None:
            super().__init__()
            conn.execute(CLEAN)
            self.logged = 0

        def one(self, statement: str, *arguments: Any) -> Any:
            return conn.execute(statement.encode(), arguments).fetchone()

        def state(self, reservation_id: UUID) -> str:
            """A settled unit may leave nothing but its row of the log."""
            found = self.one("select state from public.usage_reservations where id = %s", reservation_id)
            return str(found["state"]) if found else "settled"

        def room(self, user: str) -> int:
            """Units that the readers promise."""
            state = self.one("select * from public.check_quota_available(%s)", user)
            day = state["daily_limit"] - state["daily_usage"]
            return int(max(0, min(state["remaining"], day)))

        @rule(user=USERS, tier=TIERS)
        def change_tier(self, user: str, tier: str) -> None:
            conn.execute(
                "insert into public.user_quotas (user_id, tier) values (%s, %s)"
                " on conflict (user_id) do update set tier = excluded.tier",
                [user, tier],
            )

        @rule(user=USERS, tokens=st.integers(0, 1000))
        def increment(self, user: str, tokens: int) -> None:
            room = self.room(user)
            found = self.one("select * from public.increment_user_usage(%s, 'blog', %s)", user, tokens)
            assert found["success"] is (room > 0)
            assert (found["record_id"] is not None) is found["success"]
            self.logged += found["success"]

        @rule(target=held, user=USERS, units=st.integers(1, 6))
        def reserve(self, user: str, units: int) -> Any:
            room = self.room(user)
            try:
                found = self.one("select * from public.reserve_usage(%s, 'book', %s)", user, units)
            except psycopg.DatabaseError as exc:
                if exc.sqlstate != "ZQUOT" or units <= room:
                    raise
                return multiple()
            assert units <= room
            return found["reservation_id"], units

        @rule(reservation=held, part=st.integers(1, 6))
        def settle(self, reservation: tuple[UUID, int], part: int) -> None:
            made = min(part, reservation[1])
            before = self.state(reservation[0])
            try:
                found = self.one("select public.settle_usage(%s, %s, 7) as done", reservation[0], made)
            except psycopg.DatabaseError as exc:
                if (exc.sqlstate, before) != ("ZCNFL", "released"):
                    raise
                return
            assert found["done"] is (before in ("open", "expired"))
            self.logged += made * found["done"]

        @rule(reservation=consumes(held))
        def release(self, reservation: tuple[UUID, int]) -> None:
            before = self.state(reservation[0])
            assert self.one("select public.release_usage(%s) as done", reservation[0])["done"] is (before == "open")

        @rule(reservation=held)
        def expire(self, reservation: tuple[UUID, int]) -> None:
            conn.execute("update public.usage_reservations set expires_at = now() where id = %s", [reservation[0]])

        @rule()
        def sweep(self) -> None:
            conn.execute("select public.sweep_reservations()")
            left = self.one(
                "select count(*) as n from public.usage_reservations where state = 'open' and expires_at <= now()"
            )
            assert left["n"] == 0

        @rule(user=USERS, days=st.sampled_from([1, 2, 31, 100]))
        def let_time_pass(self, user: str, days: int) -> None:
            conn.execute(
                f"""
                update public.user_quotas
                   set period_start = period_start - interval '{days} days', period_end = period_end - interval '{days} days',
                       billing_anchor = billing_anchor - interval '{days} days', day_start = day_start - {days}
                 where user_id = '{user}';
                update public.usage_records set "timestamp" = "timestamp" - interval '{days} days' where user_id = '{user}';
                update public.usage_reservations set reserved_at = reserved_at - interval '{days} days' where user_id = '{user}';
                """.encode()  # noqa: E501
            )

        @rule()
        def reset(self) -> None:
            conn.execute("select public.reset_expired_quotas()")
            assert self.one("select count(*) as n from public.user_quotas where period_end <= now()")["n"] == 0

        @invariant()
        def counters_equal_the_log(self) -> None:
            differences = conn.execute(
                "select * from private.usage_reconciliation where month_difference <> 0 or day_difference <> 0"
            ).fetchall()
            assert differences == []
            assert self.one("select count(*) as n from public.usage_records")["n"] == self.logged

    return Metering


def test_some_sequences(server: Server, shared_database: str) -> None:
    play(metering, server, shared_database, examples=12, steps=30)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_sequences(server: Server, shared_database: str) -> None:
    play(metering, server, shared_database, examples=400, steps=50)
