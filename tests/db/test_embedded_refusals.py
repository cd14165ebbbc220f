"""When the embedded server cannot be started, and that what is said about it helps."""

import os
import stat
from pathlib import Path

import pytest
from tests.db.connecting import one
from tests.db.other_user import NOBODY, as_root, run_as_nobody

from blogai.db import server_account, server_binaries, server_socket
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.server_account import Account
from blogai.db.server_binaries import Binaries
from blogai.errors import ConfigurationError, DatabaseUnavailable


@as_root
def test_a_closed_folder_above_is_refused_by_name_and_left_alone(data_dir: Path) -> None:
    closed = data_dir / "closed"
    data_dir.chmod(0o711)
    closed.mkdir(mode=0o700)
    with pytest.raises(ConfigurationError) as refused:
        EmbeddedPostgres(closed / "data").start()
    assert f"may not enter the folder {closed}." in refused.value.message
    assert f"chmod o+x {closed}" in str(refused.value.remedy)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not (closed / "data" / "postgres").exists()


@as_root
def test_a_folder_that_is_not_writable_is_refused(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    (data_dir / "theirs").mkdir(mode=0o755)
    (data_dir / "theirs" / "file").touch()
    said = run_as_nobody(
        """
from pathlib import Path
from blogai.errors import ConfigurationError
for path in sys.argv[1:]:
    try:
        blogai.db.embedded.EmbeddedPostgres(Path(path)).start()
    except ConfigurationError as exc:
        print(exc)
""",
        data_dir / "theirs",
        data_dir / "new" / "deep",
    )
    assert said.splitlines() == [
        f"The data directory {data_dir}/theirs is not writable. Set BLOGAI_DATA_DIR to a folder that you may write to.",
        f"The data directory {data_dir}/new/deep cannot be used: Permission denied."
        " Set BLOGAI_DATA_DIR to a folder that you may write to.",
    ]


def test_a_file_in_the_place_of_the_folder_is_refused(data_dir: Path) -> None:
    (data_dir / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be used: Not a directory"):
        EmbeddedPostgres(data_dir / "file" / "data").start()


@as_root
def test_a_cluster_of_somebody_else_is_refused(data_dir: Path) -> None:
    data_dir.chmod(0o777)
    (data_dir / "postgres").mkdir(mode=0o700)
    said = run_as_nobody(
        """
from pathlib import Path
from blogai.errors import ConfigurationError
try:
    blogai.db.server_account.server_account(Path(sys.argv[1]))
except ConfigurationError as exc:
    print(exc)
""",
        data_dir / "postgres",
    )
    assert "belongs to another user (id 0)" in said


def test_a_cluster_of_another_version_is_refused(used_data_dir: Path) -> None:
    (used_data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError, match=r"was made by PostgreSQL 17; this program brings 18\. Dump it"):
        EmbeddedPostgres(used_data_dir).start()


def test_a_server_that_does_not_start_says_why_and_can_be_started_once_it_is_put_right(used_data_dir: Path) -> None:
    server = EmbeddedPostgres(used_data_dir, durable=False)
    with server:
        pass
    custom = used_data_dir / "postgres-config" / "custom.conf"
    custom.write_text("shared_buffers = 'plenty'\n")
    custom.chmod(0o644)
    with pytest.raises(DatabaseUnavailable, match="did not start") as refused:
        server.start()
    assert str(used_data_dir / "postgres.log") in str(refused.value.remedy)
    custom.write_text("work_mem = '7MB'\n")
    with server:
        assert one(server.app_dsn(), "show work_mem") == "7MB"


def test_a_server_that_is_not_ready_in_time_is_given_up(used_data_dir: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="not ready within 0 seconds"):
        EmbeddedPostgres(used_data_dir, timeout=0).start()
    with EmbeddedPostgres(used_data_dir) as server:
        assert one(server.app_dsn(), "select 1") == 1


@as_root
def test_no_account_to_run_under_is_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_account, "FITTING", ("no-such-account",))
    monkeypatch.setattr(server_account, "_CREATE", (("false",),))
    with pytest.raises(ConfigurationError, match="Create a system account named blogai"):
        EmbeddedPostgres(data_dir).start()


def test_a_user_id_without_a_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="The user id 4242424 has no name"):
        Account.of(4242424)


@as_root
def test_programs_that_may_not_run_where_they_would_be_copied_are_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = Binaries(data_dir, 18)  # the fixture's folder is closed to the account
    (data_dir / "postgres").touch()
    monkeypatch.setattr(server_binaries, "_NO_PROGRAMS", -1)
    with pytest.raises(ConfigurationError, match="is mounted noexec"):
        closed.within_reach(Account.of(NOBODY), data_dir)


def test_missing_programs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="Run `make setup` again"):
        Binaries.shipped()


def test_no_folder_for_a_socket_is_refused(long_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_socket, "_bases", lambda: iter([Path("/nowhere")]))
    with pytest.raises(ConfigurationError, match="too long for a socket"):
        server_socket.choose(long_dir, long_dir / "note", Account.of(os.geteuid()))
