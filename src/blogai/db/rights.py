"""What the owner's login must be allowed to do, said in one line when it is not."""

from dataclasses import dataclass

from psycopg.rows import class_row

from blogai.db.database import Connection
from blogai.errors import ConfigurationError, MigrationError

OLDEST = 15
"""The first major version of PostgreSQL that we support."""

ROLES = ("anon", "authenticated", "service_role")
"""The roles that transactions take on."""


@dataclass(frozen=True)
class _Rights:
    login: str
    database: str
    may_create_schema: bool
    may_create: bool
    may_create_role: bool
    roles: int


async def check_owner(conn: Connection) -> None:
    """Looks at the version and for the rights that every migration needs, before the first one runs.

    Raises:
        ConfigurationError: the server is older than PostgreSQL 15.
        MigrationError: one is missing; the remedy is the statement to ask an administrator for.
    """
    if conn.info.server_version < OLDEST * 10000:
        raise ConfigurationError(
            f"The server is PostgreSQL {conn.info.server_version // 10000}.",
            field="owner_database_url",
            remedy=f"Blog AI needs {OLDEST} or later.",
        )
    async with conn.cursor(row_factory=class_row(_Rights)) as cursor:
        await cursor.execute(
            """
            select quote_ident(current_user) as login,
                   quote_ident(current_database()) as database,
                   has_database_privilege(current_user, current_database(), 'create') as may_create_schema,
                   to_regnamespace('public') is null
                       or has_schema_privilege(current_user, to_regnamespace('public')::oid, 'create') as may_create,
                   r.rolsuper or r.rolcreaterole as may_create_role,
                   (select count(*) from pg_roles where rolname = any (%s)) as roles
              from pg_roles r
             where r.rolname = current_user
            """,
            [list(ROLES)],
        )
        row = await cursor.fetchone()
    assert row is not None
    if not row.may_create_schema:
        raise missing(row.login, f"grant create on database {row.database} to {row.login}")
    if not row.may_create:
        raise missing(row.login, f"grant create on schema public to {row.login}")
    if row.roles < len(ROLES) and not row.may_create_role:
        raise missing(row.login, f"alter role {row.login} createrole")


def missing_right(login: str, message: str) -> str:
    """A remedy for "permission denied" of a statement that was not foreseen."""
    return f"The login {login} lacks a right ({message}): ask an administrator to grant it."


def missing(login: str, statement: str) -> MigrationError:
    """The refusal that names the one statement to ask an administrator for."""
    return MigrationError(f"The login {login} lacks a right.", remedy=f"Ask an administrator to run: {statement};")
