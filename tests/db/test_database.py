from blogai.db.database import Actor, Database


async def test_a_transaction_has_the_role_and_the_claims_of_its_actor(database: Database) -> None:
    async with database.transaction(Actor.user("local")) as conn:
        cursor = await conn.execute("select current_user, current_setting('request.jwt.claims')::json ->> 'sub'")
        assert await cursor.fetchone() == ("authenticated", "local")
