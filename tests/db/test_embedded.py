import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.db.connecting import one
from tests.db.other_user import NOBODY, as_root, environment, run_as_nobody
from tests.support.processes import alive

from blogai.db import server_account, server_socket
from blogai.db.embedded import EmbeddedPostgres
from blogai.db.server_account import Account
from blogai.db.server_binaries import Binaries
from blogai.db.server_process import ended_within

HOLD = """
import sys
from pathlib import Path
from blogai.db.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    sys.stdin.readline()
"""

CONNECT = """
for address in sys.argv[1:]:
    try:
        psycopg.connect(address).close()
        print("let in")
    except psycopg.OperationalError as exc:
        print(" ".join(str(exc).split()))
"""


@contextmanager
def holding(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process of ours that uses the server; gives it and the server's process number."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    with process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=30)
    assert process.returncode == 0


def stop_hard(server: EmbeddedPostgres) -> None:
    """The postmaster and all its children die at once, as in a power cut."""
    postmaster = server.pid
    assert postmaster
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True).stdout
    for pid in [postmaster, *map(int, children.split())]:
        os.kill(pid, signal.SIGKILL)
    assert ended_within(postmaster, 60)


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    return {p: (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in path.parents}


def test_a_new_server_is_safe_and_local(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        settings = {"fsync": "on", "listen_addresses": "", "server_encoding": "UTF8", "timezone": "UTC"}
        for name, value in settings.items():
            assert one(server.app_dsn(), f"show {name}") == value
        app = "select rolsuper or rolbypassrls or rolinherit or rolcreaterole or rolcreatedb from pg_roles"
        assert one(server.app_dsn(), f"{app} where rolname = current_user") is False
        assert one(server.owner_dsn(), "select rolsuper from pg_roles where rolname = current_user") is True
        assert stat.S_IMODE((data_dir / "postgres").stat().st_mode) == 0o700
        assert data_dir.stat().st_mode & 0o067 == 0
        assert one(server.app_dsn(), "select lower('ÄÖÜ') || ' ' || ('Z' < 'a')") == "äöü true"
    assert server.pid is None


def test_no_permission_above_the_data_directory_changes(data_dir: Path) -> None:
    inner = data_dir / "one" / "two"
    inner.mkdir(parents=True)
    for path in (inner, *inner.parents):
        if data_dir in (path, *path.parents):
            path.chmod(0o711)
    before = modes(inner / "data")
    with EmbeddedPostgres(inner / "data", durable=False) as server:
        assert one(server.app_dsn(), "select 1") == 1
    assert modes(inner / "data") == before


@as_root
def test_another_user_cannot_connect(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, durable=False) as server:
        addresses = [server.owner_dsn(), server.app_dsn()]
        assert run_as_nobody(CONNECT, *addresses).count("Permission denied") == 2
        used_data_dir.chmod(0o711)  # and with every door open the server itself still asks who is there
        (used_data_dir / "postgres").chmod(0o711)
        refused = run_as_nobody(CONNECT, *addresses)
        assert refused.count("Peer authentication failed") == 2
        assert "let in" not in refused
        (used_data_dir / "postgres").chmod(0o700)


@as_root
def test_another_user_cannot_connect_where_the_path_is_too_long_for_a_socket(long_dir: Path) -> None:
    before = modes(long_dir)
    with EmbeddedPostgres(long_dir, durable=False) as server:
        assert one(server.app_dsn(), "select 1") == 1
        with psycopg.connect(server.app_dsn()) as conn:
            folder = Path(conn.info.host)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        addresses = [server.owner_dsn(), server.app_dsn()]
        assert run_as_nobody(CONNECT, *addresses).count("Permission denied") == 2
        folder.chmod(0o711)
        assert run_as_nobody(CONNECT, *addresses).count("Peer authentication failed") == 2
        folder.chmod(0o700)
        assert modes(long_dir) == before
    assert not folder.exists()


def test_a_socket_folder_is_used_again_only_while_it_is_private(long_dir: Path) -> None:
    long_dir.mkdir(mode=0o700)
    account, note = Account.of(os.geteuid()), long_dir / "note"
    first = server_socket.choose(long_dir, note, account)
    assert server_socket.choose(long_dir, note, account) == first
    first.chmod(0o777)
    second = server_socket.choose(long_dir, note, account)
    assert second != first
    server_socket.forget(note, account)
    assert not second.exists()
    assert first.exists()  # not private any more, so perhaps not ours
    first.rmdir()


@as_root
def test_a_normal_user_has_a_server_too(data_dir: Path) -> None:
    nobody = Account.of(NOBODY)
    data_dir.chmod(0o711)
    binaries = Binaries.shipped().within_reach(nobody, data_dir)
    (data_dir / "mine").mkdir()
    os.chown(data_dir / "mine", nobody.uid, nobody.gid)
    said = run_as_nobody(
        """
from pathlib import Path
from blogai.db.server_binaries import Binaries
with blogai.db.embedded.EmbeddedPostgres(Path(sys.argv[1]), binaries=Binaries(Path(sys.argv[2]), 18)) as server:
    for dsn in (server.owner_dsn(), server.app_dsn()):
        print(*psycopg.connect(dsn).execute("select current_user").fetchone())
""",
        data_dir / "mine",
        binaries.folder,
    )
    assert said.split() == ["postgres", "blogai_app"]
    assert stat.S_IMODE((data_dir / "mine").stat().st_mode) == 0o700
    with EmbeddedPostgres(data_dir / "mine", durable=False) as server:  # root may look after it
        assert one(server.app_dsn(), "select 1") == 1
        assert (data_dir / "mine" / "postgres" / "PG_VERSION").stat().st_uid == NOBODY
        assert run_as_nobody(CONNECT, server.app_dsn()).strip() == "let in"
    assert {path.stat().st_uid for path in (data_dir / "mine").rglob("*")} == {NOBODY}  # and leaves nothing of root's


def test_processes_share_a_server_and_the_last_one_stops_it(used_data_dir: Path) -> None:
    with holding(used_data_dir) as (first, pid), holding(used_data_dir) as (second, same):
        assert same == pid
        finish(first)
        assert alive(pid)
        with EmbeddedPostgres(used_data_dir) as server:
            finish(second)
            assert server.pid == pid
            assert one(server.app_dsn(), "select 1") == 1
        assert not alive(pid)


def test_two_holders_in_one_process_share_it_too(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, durable=False) as outer:
        with EmbeddedPostgres(used_data_dir, durable=False) as inner:
            assert inner.pid == outer.pid
        assert one(outer.app_dsn(), "select 1") == 1
        outer.start()  # a second time changes nothing
    outer.stop()
    assert outer.pid is None


def test_a_race_of_first_starts_makes_one_server(data_dir: Path) -> None:
    with holding(data_dir) as (a, one_pid), holding(data_dir) as (b, two), holding(data_dir) as (c, three):
        assert one_pid == two == three
        for process in (a, b, c):
            finish(process)
        assert not alive(one_pid)
    assert not (data_dir / "postgres.new").exists()


def test_a_server_that_a_killed_program_left_is_taken_over_and_stopped(used_data_dir: Path) -> None:
    with holding(used_data_dir) as (program, pid):
        program.kill()
        program.wait()
        assert alive(pid)
        with EmbeddedPostgres(used_data_dir) as server:
            assert server.pid == pid
        assert not alive(pid)


def test_after_a_kill_of_everything_the_next_start_recovers(used_data_dir: Path) -> None:
    with holding(used_data_dir) as (program, pid):
        with EmbeddedPostgres(used_data_dir) as server:
            with psycopg.connect(server.owner_dsn()) as conn:
                conn.execute("create table kept as select 42 as n")
            program.kill()
            stop_hard(server)
            server._users.close()  # type: ignore[union-attr]  # what the kernel does for a killed process
            server._users = None
        program.wait()
    assert (used_data_dir / "postgres" / "postmaster.pid").exists()
    with EmbeddedPostgres(used_data_dir) as again:
        assert again.pid != pid
        assert one(again.owner_dsn(), "select n from kept") == 42


def test_a_left_over_number_that_now_belongs_to_a_stranger_does_no_harm(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, durable=False) as server:
        told = (used_data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(
        ["sleep", "60"], **server_account.server_account(used_data_dir / "postgres").popen_arguments()
    )
    with stranger:
        path = used_data_dir / "postgres" / "postmaster.pid"
        path.write_text("\n".join([str(stranger.pid), *told[1:]]) + "\n")
        info = (used_data_dir / "postgres").stat()
        os.chown(path, info.st_uid, info.st_gid)
        with server:
            assert server.pid != stranger.pid
            assert one(server.app_dsn(), "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_an_unfinished_first_start_is_done_again(data_dir: Path) -> None:
    (data_dir / "postgres.new" / "base").mkdir(parents=True)
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert one(server.app_dsn(), "select 1") == 1


@as_root
def test_programs_in_a_closed_folder_are_copied_once(data_dir: Path) -> None:
    shipped = Binaries.shipped()
    package = shipped.folder.parents[1]
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    for name in (f"{package.name}/pginstall18", f"{package.name}.libs"):
        shutil.copytree(package.parent / name, closed / name, ignore=shutil.ignore_patterns("*.a", "pgxs", "include"))
    data_dir.chmod(0o711)
    binaries = Binaries(closed / package.name / "pginstall18" / "bin", shipped.version)
    inodes = []
    for _ in range(2):
        with EmbeddedPostgres(data_dir / "data", binaries=binaries, durable=False) as server:
            (copy,) = (data_dir / "data").glob("postgres-programs-*")
            inodes.append(copy.stat().st_ino)
            assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(copy)
    assert inodes[0] == inodes[1]


@pytest.mark.parametrize("name", ['it\'s "odd" & größer %20?x=1 \\', "one, two"])
def test_a_strange_path_works(data_dir: Path, name: str) -> None:
    data_dir.chmod(0o711)
    with EmbeddedPostgres(data_dir / name, durable=False) as server:
        assert one(server.app_dsn(), "select current_user::text") == "blogai_app"
