"""The runtime login: how it is made, and the refusal of one that could bypass the policies."""

from dataclasses import dataclass, field
from secrets import token_urlsafe
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row

from blogai.db.database import Connection
from blogai.db.rights import ROLES, missing
from blogai.db.session import connection
from blogai.errors import ConfigurationError, Conflict

_KEPT = ("sslmode", "sslrootcert", "channel_binding", "target_session_attrs", "connect_timeout")
"""Parts of the owner's DSN that hold for the runtime login too."""

_LOOK = """
with me as (
    select oid, rolname, rolsuper, rolbypassrls from pg_roles where rolname = session_user
), ours as (
    select c.oid, c.relowner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p')
       and (n.nspname in ('private', 'queue') or (n.nspname = 'public' and c.relrowsecurity))
)
select me.rolname as name,
       me.rolsuper as superuser,
       me.rolbypassrls as bypasses,
       (select o.oid::regclass::text from ours o where o.relowner = me.oid limit 1) as owned,
       (select pg_get_userbyid(o.relowner) from ours o
         where pg_has_role(me.oid, o.relowner, 'member') limit 1) as owner,
       (select r.rolname from pg_roles r
         where (r.rolsuper or r.rolbypassrls) and r.rolname <> 'service_role' and r.oid <> me.oid
           and pg_has_role(me.oid, r.oid, 'member') limit 1) as powerful,
       array(select name from unnest(%(roles)s::text[]) name where to_regrole(name) is null) as absent,
       array(select r.rolname::text from pg_roles r
              where r.rolname = any (%(roles)s) and not pg_has_role(me.oid, r.oid, %(right)s)
              order by 1) as closed
  from me
"""


@dataclass(frozen=True)
class _Look:
    name: str
    superuser: bool
    bypasses: bool
    owned: str | None
    owner: str | None
    powerful: str | None
    absent: list[str]
    closed: list[str]


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login that was made just now; the password is nowhere else."""

    name: str
    password: str = field(repr=False)
    url: str = field(repr=False)
    """What BLOGAI_DATABASE_URL has to be."""


async def check_runtime_login(conn: Connection) -> None:
    """Refuses a login for which the policies would not hold, or that cannot take on the three roles.

    Raises:
        ConfigurationError: with what is wrong and the remedy.
    """
    async with conn.cursor(row_factory=class_row(_Look)) as cursor:
        # Up to version 15 every member may SET ROLE.
        right = "set" if conn.info.server_version >= 160000 else "member"
        await cursor.execute(_LOOK, {"roles": list(ROLES), "right": right})
        look = await cursor.fetchone()
    assert look is not None
    if look.superuser:
        raise _refuse(look, "is a superuser, for whom no policy holds")
    if look.bypasses:
        raise _refuse(look, "has BYPASSRLS, so no policy holds for it")
    if look.owned:
        raise _refuse(look, f"owns {look.owned} and so could change its policies")
    if look.owner:
        raise _refuse(look, f"is a member of {look.owner}, which owns our tables")
    if look.powerful:
        raise _refuse(look, f"is a member of {look.powerful}, for whom no policy holds")
    if look.absent:
        raise ConfigurationError(
            f"The role {look.absent[0]} does not exist in this server.",
            field="database_url",
            remedy="Run `blogai db migrate`, then `blogai db create-login NAME`.",
        )
    if look.closed:
        raise ConfigurationError(
            f"The login {look.name} may not take on the role {', '.join(look.closed)}.",
            field="database_url",
            remedy=f"Run as the owner: grant {', '.join(look.closed)} to {look.name};",
        )


async def create_login(conninfo_owner: str, name: str) -> Login:
    """Makes a runtime login: NOINHERIT, no rights of its own, may take on the three roles.

    Works for a superuser and for an ordinary owner with CREATEROLE.

    Raises:
        Conflict: there is a role of that name.
        ConfigurationError: the database is not migrated.
        MigrationError: the owner lacks a right; the remedy is the statement to ask for.
    """
    password = token_urlsafe(24)
    async with connection(conninfo_owner) as conn, conn.transaction():
        owner = conn.info.user
        roles = sql.SQL(", ").join(map(sql.Identifier, ROLES))
        await _check_roles(conn)
        # Hashed here, so that the password shows in no log of the server.
        secret = conn.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        try:
            async with conn.transaction():
                await conn.execute(
                    sql.SQL("create role {} login noinherit password {}").format(
                        sql.Identifier(name), sql.Literal(secret)
                    )
                )
        except psycopg.errors.DuplicateObject as exc:
            raise Conflict(f"There is a role {name} already.", remedy="Choose another name, or drop it first.") from exc
        except psycopg.errors.InsufficientPrivilege as exc:
            raise missing(owner, f"alter role {owner} createrole") from exc
        options = sql.SQL(" with inherit false, set true" if conn.info.server_version >= 160000 else "")
        try:
            async with conn.transaction():
                await conn.execute(sql.SQL("grant {} to {}").format(roles, sql.Identifier(name)) + options)
        except psycopg.errors.InsufficientPrivilege as exc:
            raise missing(owner, f"grant {', '.join(ROLES)} to {owner} with admin option") from exc
        await _let_connect(conn, name)
        url = runtime_url(conninfo_owner, conn, name, password)
    return Login(name=name, password=password, url=url)


def runtime_url(conninfo_owner: str, conn: Connection, name: str, password: str) -> str:
    """The owner's address with another login; nothing else of the owner's credentials."""
    given = conninfo_to_dict(conninfo_owner)
    query = {key: str(given[key]) for key in _KEPT if given.get(key)}
    host, port, database = conn.info.host, str(conn.info.port), conn.info.dbname
    login = f"{quote(name, safe='')}:{quote(password, safe='')}"
    if host.startswith(("/", "@")):
        query = {"host": host, "port": port, **query}
        place = ""
    else:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    tail = f"?{urlencode(query)}" if query else ""
    return f"postgresql://{login}@{place}/{quote(database, safe='')}{tail}"


async def _check_roles(conn: Connection) -> None:
    cursor = await conn.execute("select count(*) from pg_roles where rolname = any (%s)", [list(ROLES)])
    row = await cursor.fetchone()
    if not row or row[0] < len(ROLES):
        raise ConfigurationError(
            "The roles that a runtime login takes on do not exist.", remedy="Run `blogai db migrate` first."
        )


async def _let_connect(conn: Connection, name: str) -> None:
    database = conn.info.dbname
    grant = sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), sql.Identifier(name))
    # Without the right to grant it this does nothing; then PUBLIC's CONNECT may still be there.
    try:
        async with conn.transaction():
            await conn.execute(grant)
    except psycopg.errors.InsufficientPrivilege:
        pass
    cursor = await conn.execute("select has_database_privilege(%s, %s, 'connect')", [name, database])
    row = await cursor.fetchone()
    if not row or not row[0]:
        raise missing(conn.info.user, f"grant connect on database {database} to {conn.info.user} with grant option")


def _refuse(look: _Look, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The runtime login {look.name} {why}.",
        field="database_url",
        remedy="Make another with `blogai db create-login NAME` and put its address into BLOGAI_DATABASE_URL.",
    )
