"""The owners of old content find it again."""

import json
from pathlib import Path

import pytest
from tests.db.live import MD5, counted, hash_of, make, rows, take, value

from blogai.db.adopt.owners import Owners, from_file
from blogai.db.catalog import differences, picture
from blogai.db.database import Connection
from blogai.db.migrate import migrate
from blogai.errors import InvalidInput


async def test_the_owners_can_be_told_later(blank_dsn: str, blank: Connection, tmp_path: Path) -> None:
    await make(blank)
    await take(blank_dsn)
    await migrate(blank_dsn)
    file = tmp_path / "map.csv"
    ann = await value(blank, "select md5('ann')")
    file.write_text(f"user_hash,user_id\n{ann},ann\nnobody,owl\n")
    report = await take(blank_dsn, known=from_file(file))
    assert report.steps == ["owners"]
    assert counted(report) == {"owners_found": 4, "owners_unknown": 2}
    owners = dict(await rows(blank, "select output, user_hash from public.generated_content"))
    assert (owners["Bees"], owners["Owls"]) == (hash_of("ann"), hash_of("owl"))
    assert counted(await take(blank_dsn, known=from_file(file))) == {"owners_found": 0, "owners_unknown": 2}


WRONG = {
    "nonsense(user_id)": "does not work",
    "'same'": "belongs to",
    "user_id) from x; drop table public.users; select (1": "does not work",
}


async def test_a_hash_that_cannot_be_right(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    before = await picture(blank)
    for expression, seen in WRONG.items():
        with pytest.raises(InvalidInput, match=seen):
            await take(blank_dsn, known=Owners(expression=expression))
    assert differences(before, await picture(blank)) == []


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", '{"a": 1}', "{", "user_hash,user_id\nx,ann\nx,bob\n"])
def test_a_map_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "map"
    file.write_text(text)
    with pytest.raises(InvalidInput):
        from_file(file)


def test_a_map_in_json(tmp_path: Path) -> None:
    file = tmp_path / "map.json"
    file.write_text(json.dumps({"x": "ann", "y": "bob"}))
    assert from_file(file).pairs == (("x", "ann"), ("y", "bob"))
    with pytest.raises(InvalidInput):
        from_file(tmp_path / "none")


async def test_what_an_owner_made_meanwhile_comes_first(blank_dsn: str, blank: Connection) -> None:
    await make(blank)
    await take(blank_dsn)
    await migrate(blank_dsn)
    await blank.execute(
        f"""
        insert into public.brand_profiles (name, slug, user_hash, is_default) values
            ('New', 'one', '{hash_of("ann")}', true);
        insert into public.templates (name, slug, tool_id, category, user_hash, is_public) values
            ('New', 't', 'blog', 'c', '{hash_of("bob")}', false)
        """.encode()
    )
    report = await take(blank_dsn, known=MD5)
    assert counted(report) == {"owners_found": 5, "owners_unknown": 1, "owners_clash": 3}
    profiles = await rows(blank, "select name, slug, is_default, user_hash from public.brand_profiles order by name")
    assert profiles == [
        ("New", "one", True, hash_of("ann")),
        ("One", "one-00000000", False, hash_of("ann")),
        ("Two", "two", False, hash_of("ann")),
    ]
    templates = dict(await rows(blank, "select name, slug from public.templates where slug like 't%'"))
    assert templates["New"] == "t"
    assert templates["T"].startswith("t-")
