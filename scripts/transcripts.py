"""Runs what the docs claim and keeps what it printed: python -m scripts.transcripts [PAGE ...].

Every command is a real one, on servers of its own: the embedded PostgreSQL, and for the ordinary owner also the
system's where there is one. The databases are those of the tests. Nothing is compared with earlier transcripts; times
and ids differ each time.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo
from tests.conftest import SYSTEM
from tests.db.connecting import owner
from tests.db.live import BROKEN, VARIANTS, make, ours, totals
from tests.db.rows import fill
from tests.db.test_adopt_ordinary_owner import PLATFORM, SERVER
from tests.db.test_backup import ROLES

import blogai
from blogai.db.catalog import differences, picture
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.migrate import migrate
from blogai.db.server_binaries import Binaries

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "transcripts"
NOTE = "<!-- Written by `python -m scripts.{}`; do not edit. -->"
HASH = "md5(user_id)"
WIDTH = "140"


@dataclass
class Page:
    """A page of transcripts in the making."""

    lines: list[str] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        self.lines += [*lines, ""]

    def show(self, command: str, output: str) -> None:
        """A command as somebody types it, and what it printed."""
        told = "\n".join(line.rstrip() for line in output.rstrip().splitlines())
        self.say("```text", f"$ {command}", *([told] if told else []), "```")

    def sql(self, statements: str) -> None:
        lines = [line.rstrip() for line in statements.strip("\n").splitlines()]
        margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
        self.say("```sql", *(line[margin:] for line in lines), "```")

    def run(self, dsn: str, command: str, *arguments: str, tail: int = 0) -> None:
        """Runs `blogai db ...` for the owner of a database; `tail` keeps the last lines alone."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(blogai.__file__).parents[1]),
            "BLOGAI_OWNER_DATABASE_URL": dsn,
            "COLUMNS": WIDTH,
        }
        done = subprocess.run(
            [sys.executable, "-m", "blogai", "db", command, *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        typed = " ".join(["blogai db", command, *(f"'{a}'" if set(a) & set("( ") else a for a in arguments)])
        told = "\n".join(done.stdout.splitlines()[-tail:]) + (
            f"\n(exit code {done.returncode})" if done.returncode else ""
        )
        self.show(f"{typed} | tail -{tail}" if tail else typed, told)

    def program(self, path: Path, *arguments: str, hide: dict[str, str]) -> None:
        """Runs a client of PostgreSQL; `hide` gives shorter words for addresses and folders."""
        done = subprocess.run(
            [path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        typed = " ".join([path.name, *arguments])
        told = done.stdout + (f"(exit code {done.returncode})" if done.returncode else "")
        for long, short in hide.items():
            typed, told = typed.replace(long, short), told.replace(long, short)
        self.show(typed, told)

    def write(self, name: str, title: str, by: str = "transcripts") -> None:
        text = "\n".join([f"# {title}", "", NOTE.format(by), "", *self.lines]).rstrip() + "\n"
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")
        sys.stderr.write(f"{name}: {len(text.splitlines())} lines\n")


@contextmanager
def new_server(binaries: Binaries | None = None) -> Iterator[EmbeddedPostgres]:
    """A server that has never seen our roles."""
    with tempfile.TemporaryDirectory(prefix="blogai-transcripts-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder, "data"), binaries=binaries, durable=False, password_logins=True) as server:
            yield server


async def new_database(server: EmbeddedPostgres, name: str, owned_by: str = "postgres") -> str:
    async with owner(server.owner_dsn("postgres")) as conn:
        await conn.execute(f"create database {name} owner {owned_by}".encode())
    if owned_by == "postgres":
        return server.owner_dsn(name)
    return make_conninfo(server.owner_dsn(name), user=owned_by, password="secret")  # noqa: S106 - of a server for minutes


async def compare(page: Page, live: str, fresh: str, undo: str = "") -> None:
    """Says how the catalog differs from that of a fresh installation, the operator's own objects aside."""
    async with owner(live) as conn, owner(fresh) as other:
        if undo:
            await conn.execute(undo.encode())
        found = differences(ours(await picture(other)), ours(await picture(conn)))
    page.say(
        "Compared with the catalog of a fresh installation"
        + (", once the operator's own objects are dropped:" if undo else ":"),
        *([f"- {line}" for line in found] or ["no difference."]),
    )


async def adopting() -> None:
    """Each variant of a live database, and a platform with an ordinary owner."""
    page = Page()
    page.say(
        "Live databases made from the documented files, with rows in every table that break what later rules ask for, "
        "adopted and migrated. [adopting.md](../adopting.md) explains the words."
    )
    with new_server() as server:
        fresh = await new_database(server, "fresh")
        await migrate(fresh)
        variants = {**VARIANTS, "rows that break documented rules": ([], BROKEN, "")}
        for number, (name, (without, change, undo)) in enumerate(variants.items()):
            dsn = await new_database(server, f"live_{number}")
            page.say(f"## {name[0].upper()}{name[1:]}")
            if without:
                page.say(f"Never applied: {', '.join(f'`{each}`' for each in without)}.")
            if change:
                page.say("What had been done to it:")
                page.sql(change)
            async with owner(dsn) as conn:
                await make(conn, without=without)
                if change:
                    await conn.execute(change.encode())
            await taken(page, dsn)
            await compare(page, dsn, fresh, undo)
    with new_server() as server:
        page.say("## A platform with roles and default privileges of its own, and an owner who is no superuser")
        page.say("What an administrator had prepared:")
        page.sql(SERVER + PLATFORM)
        async with owner(server.owner_dsn("postgres")) as conn:
            await conn.execute(SERVER.encode())
        addresses = [await new_database(server, name, "modest") for name in ("live", "fresh")]
        for name in ("live", "fresh"):
            async with owner(server.owner_dsn(name)) as conn:
                await conn.execute(PLATFORM.encode())
        async with owner(addresses[0]) as conn:
            await make(conn, platform=False)
        await taken(page, addresses[0])
        await migrate(addresses[1])
        await compare(page, *addresses)
    page.write("adopting", "Adopting, variant by variant")


async def taken(page: Page, dsn: str) -> None:
    """Adopts, migrates and counts the rows."""
    async with owner(dsn) as conn:
        before = await totals(conn)
    page.run(dsn, "adopt", "--yes", "--user-hash-sql", HASH)
    async with owner(dsn) as conn:
        adopted = await totals(conn)
    page.run(dsn, "migrate", tail=1)
    page.run(dsn, "verify", tail=1)
    async with owner(dsn) as conn:
        moved = await conn.execute(
            "select (select count(*) from private.duplicate_payments)"
            " + (select count(*) from private.duplicate_payment_failures)"
        )
        aside = (await moved.fetchone() or (0,))[0]
        now = await totals(conn)
        kept = await conn.execute("select count(*) from blogai_adoption.originals")
        notes = (await kept.fetchone() or (0,))[0]
    page.say(
        f"Rows of the documented tables: {sum(before.values())} before, "
        f"{sum(adopted.values())} after `adopt`, {sum(now[table] for table in adopted)} after `migrate`, which moved "
        f"{aside} duplicates of invoices aside and gave buyers their quota rows. `blogai_adoption.originals` holds "
        f"{notes} rows as they were."
    )


async def audits() -> None:
    """The hostile tenant on the documented schema and on ours."""
    page = Page()
    page.say("What a hostile tenant can do, [as the audit finds it](../database.md#the-audit).")
    with new_server() as server:
        for last, title in ((9, "The schema as documented (001 to 009)"), (None, "This schema")):
            dsn = await new_database(server, f"audited_{last or 'ours'}")
            await migrate(dsn, to=last)
            page.say(f"## {title}")
            page.run(dsn, "audit")
    page.write("audit", "The audit on both schemas")


async def ordinary_owner() -> None:
    """An owner without special rights, from the first migration to a restored backup."""
    page = Page()
    page.say(
        "An owner who may create roles and nothing more: migrated, filled, backed up, restored on a server that has "
        "never seen the program. [operations.md](../operations.md#backup-and-restore) tells why each step is needed."
    )
    for binaries in (Binaries.shipped(), *([SYSTEM] if SYSTEM else [])):
        page.say(f"## PostgreSQL {binaries.version}")
        with new_server(binaries) as server, new_server(binaries) as other, tempfile.TemporaryDirectory() as folder:
            for each in (server, other):
                async with owner(each.owner_dsn("postgres")) as conn:
                    await conn.execute("create role modest login createrole password 'secret'")
            dsn, target = await new_database(server, "modest", "modest"), await new_database(other, "modest", "modest")
            page.sql("create role modest login createrole password 'secret';\ncreate database modest owner modest;")
            hide = {dsn: '"$BLOGAI_OWNER_DATABASE_URL"', target: '"$NEW_DATABASE_URL"', f"{folder}/": ""}
            page.run(dsn, "migrate", tail=1)
            async with owner(dsn) as conn:
                await fill(conn)
                had, before = await totals(conn), await picture(conn)
            page.say(f"A row was put into every table: {len(had)} in `public`. Then the backup, first the wrong way:")
            file = f"--file={folder}/blogai.dump"
            page.program(binaries.program("pg_dump"), "--format=custom", file, dsn, hide=hide)
            page.program(binaries.program("pg_dump"), "--enable-row-security", "--format=custom", file, dsn, hide=hide)
            page.say("On the other server, as the owner:")
            page.sql(ROLES)
            async with owner(target) as conn:
                await conn.execute(ROLES.encode())
            restore = ("--exit-on-error", f"--dbname={target}", f"{folder}/blogai.dump")
            page.program(binaries.program("pg_restore"), *restore, hide=hide)
            async with owner(target) as conn:
                same = await totals(conn) == had and not [
                    line for line in differences(before, await picture(conn)) if "role " not in line
                ]
            page.say(f"Rows and catalog are the same as before: {'yes' if same else 'NO'}.")
            page.run(target, "migrate")
            page.run(target, "verify", tail=1)
            page.run(target, "audit")
    page.write("ordinary-owner", "An ordinary owner")


PAGES: dict[str, Callable[[], Awaitable[None]]] = {
    "adopting": adopting,
    "audit": audits,
    "ordinary_owner": ordinary_owner,
}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", choices=[*PAGES, []], help="all by default")
    for name in parser.parse_args().pages or PAGES:
        await PAGES[name]()


if __name__ == "__main__":
    asyncio.run(main())
