import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from domain.errors import Refusal, Unavailable
from embedded import postgres_home
from embedded.postgres import EmbeddedPostgres
from embedded.process import is_alive

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")


async def value(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_loopback_scram_utc_and_no_superuser(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.dsn_of()
    assert await value(dsn, "SHOW timezone") == "UTC"
    assert await value(dsn, "SHOW server_encoding") == "UTF8"
    assert await value(dsn, "SELECT lower('ĐÔN ĐỐC')") == "đôn đốc"
    assert await value(dsn, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
    assert await value(dsn, "SELECT host(inet_server_addr())") == "127.0.0.1"
    admin = await postgres._connect_admin()
    assert await admin.fetchval("SHOW listen_addresses") == "127.0.0.1"
    assert await admin.fetchval("SHOW unix_socket_directories") == ""
    await admin.close()

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://dondoc:wrong@127.0.0.1:{postgres.port}/dondoc")
    password = postgres.folder / "dondoc-password"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600


async def test_data_and_port_outlive_a_hard_stop_and_a_clean_one(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.dsn_of()
    await value(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    for down in (postgres.kill, postgres.stop):
        await down()
        assert postgres.pid is None
        with pytest.raises(OSError):
            await asyncpg.connect(dsn, timeout=1)
        assert await postgres.start() == dsn
        assert await value(dsn, "SELECT n FROM kept") == 7


async def test_a_database_is_made_once_and_owned(postgres: EmbeddedPostgres) -> None:
    dsn = await postgres.create_database("stories")
    await value(dsn, "CREATE TABLE mine (n int)")
    assert await postgres.create_database("stories") == dsn
    with pytest.raises(Refusal, match="database-name"):
        await postgres.create_database('x"; DROP DATABASE dondoc; --')


async def test_a_taken_port_is_refused(postgres: EmbeddedPostgres, open_folder: Path) -> None:
    second = EmbeddedPostgres(open_folder / "second", postgres.port, durable=False)
    with pytest.raises(Refusal, match="port-taken"):
        await second.start()
    second.delete_data()


async def test_what_a_dead_owner_left_running_is_stopped(open_folder: Path) -> None:
    """As where the kernel has no signal for a parent's death: the server is started without us as its parent."""
    folder = open_folder / "left"
    owner = EmbeddedPostgres(folder, durable=False)
    dsn = await owner.start()
    await value(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    left = owner.pid
    heir = EmbeddedPostgres(folder, owner.port, durable=False)
    assert await heir.start() == dsn
    assert left is not None
    assert left != heir.pid
    assert not is_alive(left)
    assert await value(dsn, "SELECT n FROM kept") == 7
    await heir.stop()
    await owner.stop()


async def test_a_lock_file_naming_a_stranger_is_no_hindrance(postgres: EmbeddedPostgres) -> None:
    await postgres.kill()
    assert postgres._home is not None
    lock = postgres._home.folder / "data" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    await postgres.start()
    assert await value(postgres.dsn_of(), "SELECT 1") == 1


async def test_it_ends_when_its_owner_is_killed(open_folder: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from embedded.postgres import EmbeddedPostgres\n"
        "async def main():\n"
        "    server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), durable=False)\n"
        "    await server.start()\n"
        "    print(server.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(open_folder / "pg"), stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert owner.stdout is not None
    pid = int(await asyncio.wait_for(owner.stdout.readline(), 20))
    assert is_alive(pid)
    owner.send_signal(signal.SIGKILL)
    await owner.wait()
    async with asyncio.timeout(10):
        while is_alive(pid):
            await asyncio.sleep(0.05)


async def test_a_failed_initdb_says_why_and_leaves_nothing_half_made(open_folder: Path, monkeypatch) -> None:
    server = EmbeddedPostgres(open_folder / "pg", durable=False)
    run = server._run
    monkeypatch.setattr(server, "_run", lambda argv, home: run([*argv, "--wal-segsize=3"], home))
    with pytest.raises(Unavailable, match="wal-segsize"):
        await server.start()
    assert not (open_folder / "pg" / "data").exists()
    monkeypatch.undo()
    await server.start()
    await server.stop()


@AS_ROOT
async def test_root_uses_a_folder_of_ours_where_the_account_cannot_go(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    before = closed.stat()
    server = EmbeddedPostgres(closed / "pg", durable=False)
    dsn = await server.start()
    await value(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    await server.stop()
    assert (closed.stat().st_mode, closed.stat().st_uid) == (before.st_mode, before.st_uid)
    note = (closed / "pg" / "postgres-is-in.txt").read_text()
    elsewhere = Path(note.splitlines()[-1])
    assert elsewhere.parent == Path("/var/tmp/dondoc-embedded")
    assert stat.S_IMODE((elsewhere / "data").stat().st_mode) == 0o700

    closed.rename(open_folder / "moved")
    moved = EmbeddedPostgres(open_folder / "moved" / "pg", durable=False)
    assert await value(await moved.start(), "SELECT n FROM kept") == 7
    await moved.stop()
    moved.delete_data()
    assert not elsewhere.exists()


@AS_ROOT
def test_a_folder_that_another_account_made_is_refused(open_folder: Path) -> None:
    planted = open_folder / "planted"
    planted.mkdir()
    os.chown(planted, 65534, 65534)
    with pytest.raises(Refusal, match="folder-not-ours"):
        postgres_home._our_folder(planted)


@AS_ROOT
def test_binaries_out_of_reach_are_copied(open_folder: Path) -> None:
    account = postgres_home.unprivileged_account()
    copy = postgres_home._copied_binaries(
        postgres_home.wheel_binaries(), postgres_home._our_folder(open_folder / "base")
    )
    assert postgres_home._usable(copy, account)
    ran = subprocess.run(
        [copy / "bin" / "initdb", "--version"],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
    )
    assert ran.returncode == 0
    (copy / "lib" / "plpgsql.so").unlink()  # as a cleaner of old files would
    postgres_home._copied_binaries(postgres_home.wheel_binaries(), open_folder / "base")
    assert (copy / "lib" / "plpgsql.so").exists()
