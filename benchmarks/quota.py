"""Taking, settling and checking quota, against a single-row INSERT ... RETURNING into the log in the same run.

    python -m benchmarks.quota [--rows 10000 1000000] [--rounds 5] [--seconds 3] [--clients 4]

pgbench is the client, as the runtime login in the role of the program, with durable commits. A round measures
every statement once, each between two slices of the yardstick of its own, since the disk of a shared machine is
now quick and now slow; figures are medians of the rounds' ratios, and the control is how a slice of the yardstick
compares to the one before.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.table import Row, show
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.server_binaries import Binaries
from blogai.db.startup import prepare_embedded

USERS = 1000
"""At 1,000,000 rows each has 1,000 in the period, as many as the largest tier allows; the heavy one always has."""

INSERT = """
insert into public.usage_records (user_id, operation_type, tokens_used, metadata)
values ('u' || :u, 'blog', 10, '{}') returning id;
"""
RESERVE_AND_SETTLE = """
select reservation_id as held from public.reserve_usage('u' || :u, 'blog', 1) \\gset
select public.settle_usage(:held, 1, 10, '{}');
"""
INCREMENT = "select * from public.increment_user_usage('u' || :u, 'blog', 10, '{}');"
CHECK = "select * from public.check_quota_available('u' || :u);"
COUNT = """
select q.tier, l.monthly_limit, l.daily_limit, q.period_end, count(r.id),
       count(r.id) filter (where r."timestamp" >= date_trunc('day', now(), 'UTC'))
  from public.user_quotas as q
  join public.tier_limits as l on l.tier = q.tier
  left join public.usage_records as r on r.user_id = q.user_id and r."timestamp" >= q.period_start
 where q.user_id = 'u' || :u
 group by q.user_id, q.tier, l.monthly_limit, l.daily_limit, q.period_end;
"""

STATEMENTS = {
    "reserve + settle": (RESERVE_AND_SETTLE, True),
    "increment": (INCREMENT, True),
    "heavy reserve + settle": (RESERVE_AND_SETTLE, False),
    "heavy increment": (INCREMENT, False),
    "check": (CHECK, True),
    "count": (COUNT, True),
}
"""Script, and whether any user is taken or always the same."""

FILL = """
truncate public.usage_records, public.usage_reservations;
delete from public.user_quotas;
update public.tier_limits set monthly_limit = -1, daily_limit = -1 where tier = 'business';
insert into public.user_quotas (user_id, tier, period_start, period_end)
select 'u' || n, 'business', now() - interval '10 days', now() + interval '20 days'
  from generate_series(1, {users}) as n;
insert into public.usage_records (user_id, operation_type, tokens_used, metadata, "timestamp")
select 'u' || 1 + n % {users}, 'blog', 10, '{{}}', now() - (n % 863000) * interval '1 second'
  from generate_series(1, {rows}) as n;
insert into public.usage_records (user_id, operation_type, tokens_used, metadata)
select 'u1', 'blog', 10, '{{}}' from generate_series({rows} / {users}, 999);
select private.recount_usage();
"""


class Load:
    """pgbench against one database."""

    def __init__(self, server: EmbeddedPostgres, folder: Path, clients: int, seconds: int) -> None:
        self.program = Binaries.shipped().program("pgbench")
        if not self.program.exists():
            found = shutil.which("pgbench")
            if found is None:
                raise SystemExit("pgbench is neither in the shipped PostgreSQL nor on the PATH.")
            self.program = Path(found)
        self.dsn = server.app_dsn()
        self.folder = folder
        self.clients = clients
        self.seconds = seconds

    def rate(self, script: str, users: int) -> float:
        """Transactions (scripts) a second."""
        path = self.folder / "script.sql"
        path.write_text(f"\\set u random(1, {users})\n{script}", encoding="utf-8")
        done = subprocess.run(
            [self.program, "-n", "-M", "prepared", "-c", str(self.clients), "-j", "1", "-T", str(self.seconds),
             "-f", path, self.dsn],
            env={**os.environ, "PGOPTIONS": "-c role=service_role"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
        if done.returncode or not found or "ERROR" in done.stderr:
            raise SystemExit(f"pgbench failed: {done.stderr}")
        return float(found[0].split()[2])


@contextmanager
def new_server() -> Iterator[tuple[EmbeddedPostgres, Path]]:
    """A durable server of its own, in a folder that its account can reach also as root."""
    with tempfile.TemporaryDirectory(prefix="blogai-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "data") as server:
            asyncio.run(prepare_embedded(server))
            yield server, folder


def measure(load: Load, owner: psycopg.Connection[Any], rows: int, rounds: int) -> dict[str, float]:
    """Median ratio of each statement to the yardstick, and of the control."""
    for statement in filter(str.strip, FILL.format(users=USERS, rows=rows).split(";")):
        owner.execute(statement.encode())
    owner.execute("vacuum analyze")
    owner.execute("checkpoint")
    for script, _ in STATEMENTS.values():
        load.rate(script, USERS)
    ratios: dict[str, list[float]] = {name: [] for name in [*STATEMENTS, "control"]}
    for _ in range(rounds):
        taken: dict[str, float] = {}
        before = load.rate(INSERT, USERS)
        for name, (script, any_user) in STATEMENTS.items():
            taken[name] = load.rate(script, USERS if any_user else 1)
            after = load.rate(INSERT, USERS)
            ratios[name].append(taken[name] / ((before + after) / 2))
            ratios["control"].append(after / before)
            before = after
        ratios.setdefault("check / count", []).append(taken["check"] / taken["count"])
    return {name: statistics.median(values) for name, values in ratios.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000], help="rows in the log")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    table: list[Row] = []
    first: dict[str, float] = {}
    insert = "single-row INSERT ... RETURNING"
    with new_server() as (server, folder), psycopg.connect(server.owner_dsn(), autocommit=True) as owner:
        load = Load(server, folder, options.clients, options.seconds)
        for rows in options.rows:
            found = measure(load, owner, rows, options.rounds)
            first = first or found
            table += [
                Row(f"reserve + settle, two transactions, {rows:,} rows", found["reserve + settle"], ">= 0.40", insert),
                Row(f"increment in one call, {rows:,} rows", found["increment"], "0.60", insert),
                Row(f"one heavy user, reserve + settle, {rows:,} rows", found["heavy reserve + settle"], "", insert),
                Row(f"one heavy user, increment, {rows:,} rows", found["heavy increment"], ">= 0.35", insert),
                Row(f"check_quota_available, {rows:,} rows", found["check / count"], ">= 3", "counting the log"),
                Row(f"control, {rows:,} rows", found["control"], "1", insert),
            ]
            if found is not first:
                table += [
                    Row(f"{name}, {rows:,} rows", found[name] / first[name], ">= 0.80", f"{options.rows[0]:,} rows")
                    for name in ("reserve + settle", "increment")
                ]
    show(f"Quota, {options.clients} clients, durable commit", table)


if __name__ == "__main__":
    main()
