from collections.abc import AsyncIterator

import psycopg
import pytest

from blogai import errors
from blogai.db.database import LOCAL_OWNER, Actor, Connection, Database, acting_as, from_database

WHO = """
select session_user::text, current_user::text, current_setting('role'),
       coalesce(current_setting('request.jwt.claims', true), '')
"""


async def who(conn: Connection) -> tuple[str, ...]:
    row = await (await conn.execute(WHO)).fetchone()
    assert row is not None
    return tuple(row)


@pytest.fixture
async def single(app_dsn: str) -> AsyncIterator[Database]:
    """A pool of one connection: every transaction gets the one that the last one used."""
    async with Database(app_dsn, max_size=1, timeout=5) as database:
        yield database


async def test_a_transaction_has_the_role_and_the_claims_of_its_actor(database: Database) -> None:
    async with database.transaction(LOCAL_OWNER) as conn:
        assert await who(conn) == (
            "blogai_app",
            "authenticated",
            "authenticated",
            '{"sub": "local", "role": "authenticated"}',
        )
    async with database.transaction(Actor.visitor("abc")) as conn:
        assert await who(conn) == ("blogai_app", "anon", "anon", '{"user_hash": "abc", "role": "anon"}')
    async with database.transaction(Actor.service()) as conn:
        assert (await who(conn))[1] == "service_role"


async def test_nothing_of_an_actor_stays_on_the_connection(single: Database) -> None:
    async def left_behind() -> tuple[str, ...]:
        async with single._pool.connection() as conn:
            return await who(conn)

    async with single.transaction(LOCAL_OWNER) as conn:
        first = conn.info.backend_pid
    assert await left_behind() == ("blogai_app", "blogai_app", "none", "")
    with pytest.raises(errors.Fault):
        async with single.transaction(Actor.service()) as conn:
            await conn.execute("select 1 / 0")
    assert await left_behind() == ("blogai_app", "blogai_app", "none", "")
    with pytest.raises(RuntimeError):
        async with single.transaction(Actor.service()):
            raise RuntimeError
    assert await left_behind() == ("blogai_app", "blogai_app", "none", "")
    async with single.transaction(Actor.visitor("abc")) as conn:
        assert conn.info.backend_pid == first
        assert await who(conn) == ("blogai_app", "anon", "anon", '{"user_hash": "abc", "role": "anon"}')


async def test_a_transaction_that_fails_changes_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction(Actor.service()) as conn:
            await conn.execute("insert into public.users (user_id) values ('gone')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.transaction(Actor.service()) as conn:
        cursor = await conn.execute("select from public.users where user_id = 'gone'")
        assert await cursor.fetchone() is None


async def test_the_login_itself_may_read_nothing(single: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with single._pool.connection() as conn:
            await conn.execute("select from public.users")


async def test_acting_as_somebody_else_ends_with_the_block(database: Database) -> None:
    async with database.transaction(LOCAL_OWNER) as conn:
        before = await who(conn)
        async with acting_as(conn, Actor.service()):
            assert (await who(conn))[1:3] == ("service_role", "service_role")
            async with acting_as(conn, Actor.visitor("abc")):
                assert (await who(conn))[1:3] == ("anon", "anon")
            assert (await who(conn))[1:3] == ("service_role", "service_role")
        assert await who(conn) == before


async def test_after_an_error_inside_acting_as_a_savepoint_brings_the_caller_back(single: Database) -> None:
    async with single.transaction(LOCAL_OWNER) as conn:
        before = await who(conn)
        with pytest.raises(psycopg.errors.DivisionByZero):
            async with conn.transaction(), acting_as(conn, Actor.service()):
                await conn.execute("select 1 / 0")
        assert await who(conn) == before


async def test_the_hash_of_a_user_is_the_one_that_the_database_computes(database: Database) -> None:
    for actor in (LOCAL_OWNER, Actor.user("Zoë 🐝"), Actor.visitor("abc")):
        async with database.transaction(actor) as conn:
            row = await (await conn.execute("select private.caller_id(), private.caller_hash()")).fetchone()
        assert row == (actor.user_id, actor.user_hash)
    assert Actor.service().user_hash is None


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select from public.no_such_table", errors.Fault),
        ("delete from private.schema_migrations", errors.Forbidden),
        ("set local statement_timeout = 1; select pg_sleep(10)", errors.Conflict),
    ],
)
async def test_errors_of_the_driver_become_ours(
    database: Database, statement: str, expected: type[errors.BlogAIError]
) -> None:
    with pytest.raises(expected) as raised:
        async with database.transaction(Actor.visitor("abc")) as conn:
            await conn.execute(statement.encode())
    assert type(raised.value) is expected
    async with database.transaction(Actor.visitor("abc")) as conn:  # and the pool goes on
        assert (await who(conn))[1] == "anon"


async def test_a_connection_that_the_server_ends_is_reported_and_replaced(
    single: Database, owner_conn: Connection
) -> None:
    async def query_without_a_connection() -> None:
        async with single.transaction(LOCAL_OWNER) as conn:
            await owner_conn.execute("select pg_terminate_backend(%s, 10000)", [conn.info.backend_pid])
            await conn.execute("select 1")

    with pytest.raises(errors.DatabaseUnavailable):
        await query_without_a_connection()
    async with single.transaction(LOCAL_OWNER) as conn:
        assert (await who(conn))[1] == "authenticated"


async def test_a_connection_that_died_since_its_last_use_is_replaced_unseen(
    single: Database, owner_conn: Connection
) -> None:
    async with single.transaction(LOCAL_OWNER) as conn:
        dead = conn.info.backend_pid
    await owner_conn.execute("select pg_terminate_backend(%s, 5000)", [dead])
    async with single.transaction(LOCAL_OWNER) as conn:  # at once: the connection still counts as fresh
        assert conn.info.backend_pid != dead
        assert (await who(conn))[1] == "authenticated"


async def test_a_business_refusal_keeps_what_the_database_says_about_it(database: Database) -> None:
    refusal = """
        do $$ begin
            raise exception 'Five posts a month are used up.' using errcode = 'ZQUOT',
                detail = '{"month_limit": 5}', hint = 'Wait for the first.', column = 'units';
        end $$
    """
    with pytest.raises(errors.QuotaExceeded) as raised:
        async with database.transaction(LOCAL_OWNER) as conn:
            await conn.execute(refusal)
    error = raised.value
    assert (error.message, error.remedy, error.field) == (
        "Five posts a month are used up.",
        "Wait for the first.",
        "units",
    )
    assert error.details == {"month_limit": 5}


async def test_a_detail_that_is_no_object_is_kept_as_the_reason(database: Database) -> None:
    with pytest.raises(errors.NotFound) as raised:
        async with database.transaction(LOCAL_OWNER) as conn:
            await conn.execute("do $$ begin raise exception 'No.' using errcode = 'ZNTFD', detail = 'plain'; end $$")
    assert raised.value.details == {"reason": "plain"}


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (psycopg.OperationalError("the server closed the connection"), errors.DatabaseUnavailable),
        (psycopg.InterfaceError("the connection is closed"), errors.DatabaseUnavailable),
        (psycopg.errors.TooManyConnections(), errors.DatabaseUnavailable),
        (psycopg.errors.DiskFull(), errors.DatabaseUnavailable),
        (psycopg.errors.CannotConnectNow(), errors.DatabaseUnavailable),
        (psycopg.errors.DeadlockDetected(), errors.Conflict),
        (psycopg.errors.SerializationFailure(), errors.Conflict),
        (psycopg.errors.LockNotAvailable(), errors.Conflict),
        (psycopg.errors.UniqueViolation(), errors.Fault),
    ],
)
def test_every_kind_of_failure_has_its_error(cause: psycopg.Error, expected: type[errors.BlogAIError]) -> None:
    assert type(from_database(cause)) is expected


async def test_no_free_connection_is_reported_in_time(app_dsn: str) -> None:
    async with Database(app_dsn, max_size=1, timeout=0.1) as database, database.transaction(LOCAL_OWNER):
        with pytest.raises(errors.DatabaseUnavailable):
            async with database.transaction(LOCAL_OWNER):
                pass
