"""PostgreSQL for one machine: the server of a wheel, on loopback, with SCRAM, in a folder of ours."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped,unused-ignore]

from domain.errors import Refusal, Unavailable
from embedded import ports
from embedded.files import kept_secret
from embedded.postgres_home import NOTE, Home, find_home
from embedded.process import Process, is_alive, kill_family, send, tail

OWNER = "dondoc"
"""The role and the database of the project: may create databases, is no superuser."""
ADMIN = "dondoc_admin"
SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d %a ",
    "log_min_duration_statement": "2000",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "password_encryption": "scram-sha-256",
}
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}
"""`synchronous_commit` stays on: without it even SIGKILL takes the last committed rows away."""
CLEAN_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""Nothing of ours reaches the server: no PG* variable, no secret."""
HINT = "look there, make room on the disk if it is full, and start again; what was committed is kept"


class EmbeddedPostgres:
    """One server and its data. Started, stopped, killed and started again, it keeps its port, passwords and data."""

    name = "postgres"

    def __init__(self, folder: Path, port: int | None = None, *, durable: bool = True) -> None:
        """`durable=False`, for tests, gives up what saves data from a power cut; killed processes lose nothing."""
        self.folder = folder.absolute()  # the server runs in a folder of its own
        self.log_file = self.folder / "postgres.log"
        self._port = port
        self._durable = durable
        self._home: Home | None = None
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, `None` while it is not running."""
        return self._process.pid if self._process is not None else None

    @property
    def port(self) -> int:
        """The port, known after the first start."""
        if self._port is None:
            raise RuntimeError("not started")
        return self._port

    def use_port(self, port: int) -> None:
        """Listen on `port` from the next start on."""
        self._port = port

    def dsn_of(self, database: str = OWNER) -> str:
        """The address of a database of this server for the role `dondoc`, password included."""
        return f"postgresql://{OWNER}:{self._password(OWNER)}@{ports.LOOPBACK}:{self.port}/{database}"

    async def start(self) -> str:
        """Start and wait until it answers; returns the DSN. What an earlier, dead owner left running is stopped first.

        Raises `Refusal` for a port that is taken and `Unavailable`, with the end of the log, for everything else.
        """
        if self.pid is not None:
            return self.dsn_of()
        home = await self.prepare()
        self._port = ports.claim(self._port, "PostgreSQL")
        settings = SETTINGS | {"port": str(self._port)} | ({} if self._durable else THROWAWAY_SETTINGS)
        options = [text for key, value in settings.items() for text in ("-c", f"{key}={value}")]
        self._process = Process(
            [str(home.binaries / "bin" / "postgres"), "-D", str(home.folder / "data"), *options],
            self.log_file, CLEAN_ENV, account=home.account, death_signal=signal.SIGINT, cwd=home.folder,
        )  # fmt: skip
        await self._process.start()
        await self._until_ready()
        return self.dsn_of()

    async def prepare(self) -> Home:
        """Find the home, make the data folder if there is none, stop what still runs on it. Part of `start`."""
        try:
            home = await asyncio.to_thread(find_home, self.folder, durable=self._durable)
        except OSError as error:
            raise Unavailable("postgres-folder", f"PostgreSQL's folder could not be made: {error}; {HINT}.") from error
        self._home = home
        if not (home.folder / "data").exists():
            await _to_its_end(asyncio.to_thread(self._initdb, home))
        await self._end_leftover(home.folder / "data")
        return home

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything is written, then it ends."""
        if self._process is not None:
            await self._process.stop(signal.SIGINT, grace=30.0)

    async def kill(self) -> None:
        """Stopped hard: SIGKILL for the postmaster and all its children at once, as a power cut would."""
        pid = self.pid
        if self._process is None or pid is None:
            return
        await kill_family(pid)
        await self._process.kill()

    async def wait(self) -> int:
        """Wait for the server's end; returns its exit code."""
        if self._process is None:
            raise RuntimeError("not started")
        return await self._process.wait()

    async def create_database(self, name: str) -> str:
        """Make an empty database owned by `dondoc`, if there is none of that name; returns its DSN."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
            raise Refusal("database-name", f"{name!r} cannot name a database; use small letters, digits and _.")
        admin = await self._connect_admin()
        try:
            if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
                await admin.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}')
        finally:
            await admin.close()
        return self.dsn_of(name)

    def delete_data(self) -> None:
        """Delete the data and everything else of this server, wherever it is; only while it is stopped."""
        if self.pid is not None:
            raise Refusal("postgres-running", "Stop PostgreSQL before deleting its data.")
        home = self._home or find_home(self.folder, durable=self._durable)
        for folder in {home.folder, self.folder}:
            shutil.rmtree(folder / "data", ignore_errors=True)
            for name in (NOTE, f"{OWNER}-password", f"{ADMIN}-password", self.log_file.name):
                (folder / name).unlink(missing_ok=True)
        if home.folder != self.folder:
            shutil.rmtree(home.folder, ignore_errors=True)

    def _password(self, role: str) -> str:
        """The role's password, made at the first asking and kept in a file that only we can read."""
        return kept_secret(self.folder / f"{role}-password")

    def _initdb(self, home: Home) -> None:
        """Make the data folder under another name first, so that one left half made is never taken for one."""
        part = home.folder / "data.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=home.folder, prefix="pw-") as secret:
            secret.write(self._password(ADMIN))
            secret.flush()
            if home.account is not None:
                os.chown(part, home.account.uid, home.account.gid)
                os.fchown(secret.fileno(), home.account.uid, home.account.gid)
            # Sorted by code point as with plain C, and yet upper and lower case of Vietnamese letters are known.
            locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            argv = [str(home.binaries / "bin" / "initdb"), "-D", str(part), "-U", ADMIN, *locale]
            argv += ["--auth=scram-sha-256", f"--pwfile={secret.name}"]
            self._run(argv + ([] if self._durable else ["--no-sync"]), home)
        part.rename(home.folder / "data")

    def _run(self, argv: list[str], home: Home) -> None:
        rights = {"user": home.account.uid, "group": home.account.gid, "extra_groups": []} if home.account else {}
        try:
            done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - our own words only
                argv, capture_output=True, text=True, env=CLEAN_ENV, cwd=home.folder, timeout=120, check=False, **rights
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable("postgres-initdb", f"PostgreSQL's data could not be made: {error}; {HINT}.") from error
        if done.returncode != 0:
            self.log_file.write_text(done.stdout + done.stderr)
            raise Unavailable(
                "postgres-initdb",
                f"PostgreSQL's data folder {home.folder} could not be made. {self.log_file} ends with:\n"
                f"{tail(self.log_file)}\n{HINT}.",
            )

    async def _end_leftover(self, data: Path) -> None:
        """Stop a server that its dead owner left running on our data; drop a lock file that names nobody of ours."""
        lock = data / "postmaster.pid"
        if not lock.exists():
            return
        pid = int(lock.read_text().split("\n", 1)[0])
        if not is_alive(pid) or not _works_in(pid, data):
            # The number may by now be somebody else's: PostgreSQL would take that one for itself and refuse to start.
            lock.unlink(missing_ok=True)
            return
        send(pid, signal.SIGINT)
        for _ in range(100):
            if not is_alive(pid):
                return
            await asyncio.sleep(0.1)
        await kill_family(pid)
        lock.unlink(missing_ok=True)

    async def _until_ready(self, seconds: float = 120.0) -> None:
        """Wait for the first answer. After a hard stop it first replays what was committed, which may take its time."""
        give_up = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                await self._make_owner()
                return
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                late = asyncio.get_running_loop().time() > give_up
            except asyncpg.PostgresError as error:
                await self.stop()
                raise Unavailable("postgres-start", f"PostgreSQL does not let us in: {error}; {HINT}.") from error
            if self.pid is None or late:
                await self.kill()
                raise Unavailable(
                    "postgres-start",
                    f"PostgreSQL did not start. {self.log_file} ends with:\n{tail(self.log_file)}\n{HINT}.",
                )
            await asyncio.sleep(0.05)

    async def _connect_admin(self) -> asyncpg.Connection:
        # The statements that set passwords must not come into the log.
        quiet = {"log_min_duration_statement": "-1", "log_min_error_statement": "panic"}
        return await asyncpg.connect(
            host=ports.LOOPBACK, port=self.port, user=ADMIN, password=self._password(ADMIN), database="postgres",
            timeout=10, server_settings=quiet,
        )  # fmt: skip

    async def _make_owner(self) -> None:
        """The project's role with its password, and its database; repeated at each start, it changes nothing."""
        admin = await self._connect_admin()
        try:
            verb = "ALTER" if await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", OWNER) else "CREATE"
            await admin.execute(f"{verb} ROLE {OWNER} LOGIN CREATEDB PASSWORD '{self._password(OWNER)}'")
        finally:
            await admin.close()
        await self.create_database(OWNER)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work in a thread, which no cancellation ends: whoever cleans up after us must find it finished."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


def _works_in(pid: int, data: Path) -> bool:
    """Whether a process is the server of this data folder; where the system cannot say, it is taken to be."""
    return not Path("/proc/self").exists() or Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
