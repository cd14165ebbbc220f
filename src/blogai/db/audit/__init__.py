"""A hostile tenant, written from the catalog: tries everything on everything, and undoes all of it.

Nothing is known here about our own schema, so new tables and functions are tried without being named. All happens in
one transaction of the owner's that is rolled back. Each table is locked for moments while deletes and updates are
tried on it, so a busy database is better audited on a copy.
"""

from blogai.db.audit.catalog import exposed_schemas, relations, routines
from blogai.db.audit.findings import Finding, Report
from blogai.db.audit.functions import FunctionProbe
from blogai.db.audit.seeding import seed
from blogai.db.audit.tables import TableProbe
from blogai.db.audit.tenants import Tenant
from blogai.db.database import Connection
from blogai.db.rights import ROLES
from blogai.db.session import connection
from blogai.errors import ConfigurationError

__all__ = ["Finding", "Report", "audit"]


async def audit(conninfo_owner: str) -> Report:
    """Plays two tenants against each other in every schema that their roles may use. Leaves no trace.

    Args:
        conninfo_owner: login of the owner of the tables, who may act as anon and authenticated.

    Raises:
        ConfigurationError: one of these roles does not exist.
        DatabaseUnavailable: no connection.
    """
    async with connection(conninfo_owner) as conn, conn.transaction(force_rollback=True):
        await _check(conn)
        await conn.execute("set local search_path = ''")
        await conn.execute("set local lock_timeout = '3s'")
        await conn.execute("set local statement_timeout = '30s'")
        schemas = await exposed_schemas(conn)
        found = await relations(conn, schemas)
        callable_ = await routines(conn, schemas)
        mine, theirs = Tenant.new("a"), Tenant.new("b")
        seeds = await seed(conn, found, [theirs, mine])
        report = Report(tables=len(found), functions=len(callable_))
        for relation in found.values():
            await TableProbe(conn, relation, seeds, mine, theirs, report).run()
        for routine in callable_:
            await FunctionProbe(conn, routine, found, seeds, mine, theirs, report).run()
        report.not_seeded = {
            name: reason for name, reason in seeds.failed.items() if await _reachable(conn, found[name].oid)
        }
    return report


async def _check(conn: Connection) -> None:
    for role in ROLES[:2]:
        cursor = await conn.execute("select to_regrole(%s) is not null", [role])
        if await cursor.fetchone() != (True,):
            raise ConfigurationError(
                f"The role {role} does not exist in this server.",
                field="dsn",
                remedy="Audit a database that tenants reach as anon and authenticated.",
            )


async def _reachable(conn: Connection, oid: int) -> bool:
    """Whether a tenant has any right on a table."""
    cursor = await conn.execute(
        "select bool_or(has_any_column_privilege(r, %(oid)s::oid, 'select, insert, update, references')"
        " or has_table_privilege(r, %(oid)s::oid, 'delete, truncate, trigger'))"
        " from unnest(array['anon', 'authenticated']) r",
        {"oid": oid},
    )
    return await cursor.fetchone() == (True,)
