import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from domain.errors import NotFound, Refusal, Unavailable
from embedded.children import Child, at_once, http_ok
from embedded.commands import ENVIRONMENT_FILE, run_up
from embedded.folder_lock import FolderLock
from embedded.process import is_alive
from embedded.stack import make_stack
from embedded.supervisor import Supervisor
from settings import Settings

ROOT = Path(__file__).parents[2]
API = (
    "import os\n"
    "from http.server import SimpleHTTPRequestHandler, test\n"
    "test(SimpleHTTPRequestHandler, port=int(os.environ['DONDOC_API_PORT']), bind='127.0.0.1')\n"
)
# A child with a grandchild, which neither listens to SIGTERM nor ends by itself.
STUBBORN = (
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print(subprocess.Popen(['sleep', '300']).pid, os.environ['DONDOC_DSN'], flush=True)\n"
    "time.sleep(300)\n"
)


def api(settings: Settings, log: Path) -> Child:
    url = f"http://127.0.0.1:{settings.api_port}/"
    return Child("api", [sys.executable, "-c", API], settings.environment(), log / "api.log", http_ok(url))


def worker(settings: Settings, log: Path) -> Child:
    return Child("worker", [sys.executable, "-c", STUBBORN], settings.environment(), log / "worker.log", at_once)


def children(data: Path) -> list[Callable[[Settings], Child]]:
    return [lambda s: api(s, data / "logs"), lambda s: worker(s, data / "logs")]


async def eventually(true: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
async def stack(open_folder: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(open_folder / "data", children=children(open_folder / "data"), grace=0.3, durable=False)
    await supervisor.start()
    yield supervisor
    await supervisor.stop()


async def test_the_life_of_a_stack(stack: Supervisor) -> None:
    """One long story, since a stack takes a second to start."""
    addresses, data = stack.addresses(), stack.data
    async with httpx.AsyncClient() as client:
        assert (await client.get(addresses.api)).status_code == 200
        assert (await client.get(addresses.pages)).status_code == 200
        assert (await client.get(addresses.temporal_ui, follow_redirects=True)).status_code == 200
    assert stack.settings.public_url == addresses.api
    assert stack.settings.smtp_port == stack.mailbox.port

    with pytest.raises(Refusal, match="data-folder-in-use") as refused:
        await Supervisor(data, durable=False).start()
    assert str(os.getpid()) in refused.value.message
    with pytest.raises(NotFound):
        stack.pid("nobody")

    # A child that dies is started again, and what it had started is gone.
    log = data / "logs" / "worker.log"
    await eventually(lambda: log.read_text().endswith("\n"))
    assert addresses.dsn in log.read_text()
    first, grandchild = stack.pid("worker"), int(log.read_text().split()[0])
    stack.kill_child("worker")
    await eventually(lambda: stack.restarts("worker") == 1 and stack.pid("worker") not in (None, first))
    assert not is_alive(grandchild)

    # Held, it stays down; started again, it runs.
    await stack.stop_hard("worker")
    await asyncio.sleep(0.6)
    assert stack.pid("worker") is None
    lines = len(log.read_text().splitlines())
    await stack.start_again("worker")
    assert stack.pid("worker") is not None
    await eventually(lambda: len(log.read_text().splitlines()) == lines + 1)

    # The infrastructure, too, and where it was.
    await stack.stop_hard("postgres")
    with pytest.raises(OSError):
        await asyncpg.connect(addresses.dsn, timeout=1)
    await stack.start_again("postgres")
    await (await asyncpg.connect(addresses.dsn)).close()
    for name in ("postgres", "temporal"):
        stack.kill_child(name)
    await eventually(lambda: stack.restarts("postgres") == 1 and stack.restarts("temporal") == 1)
    await (await asyncpg.connect(addresses.dsn)).close()
    await stack.stop_hard("mailbox")
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", stack.mailbox.port)
    await stack.start_again("mailbox")

    # Everything ends, grandchildren included; and all of it is found where it was.
    grandchild = int(log.read_text().splitlines()[-1].split()[0])
    pids = [stack.pid(name) for name in ("postgres", "temporal", "api", "worker")]
    await stack.stop()
    assert not any(is_alive(pid) for pid in [*pids, grandchild] if pid is not None)
    again = Supervisor(data, durable=False)
    await again.start()
    assert again.addresses() == addresses
    await again.stop()


async def test_a_child_that_does_not_start_is_named_and_the_rest_is_ended(open_folder: Path) -> None:
    def broken(settings: Settings) -> Child:
        code = "raise SystemExit('no worker today')"
        return Child("worker", [sys.executable, "-c", code], settings.environment(), open_folder / "w.log", at_once)

    migrated: list[str] = []

    async def migrate(settings: Settings) -> None:
        migrated.append(settings.dsn)

    async def never() -> bool:
        return False

    made: list[Child] = []

    def waiting(settings: Settings) -> Child:
        made.append(broken(settings))
        return Child("worker", made[0].argv, {}, made[0].log_file, never)

    supervisor = Supervisor(open_folder / "data", children=[waiting], migrate=migrate, durable=False)
    with pytest.raises(Unavailable, match="no worker today") as refused:
        await supervisor.start()
    assert "w.log" in refused.value.message
    assert migrated == [supervisor.postgres.dsn_of()]
    assert supervisor.postgres.pid is None
    assert supervisor.temporal.pid is None


RUN = """
import asyncio, pathlib, sys
sys.path.insert(0, "tests/embedded")
from embedded.supervisor import Supervisor
from test_supervisor import children
data = pathlib.Path(sys.argv[1])
stack = Supervisor(data, children=children(data), grace=0.3, durable=False)
names = ("postgres", "temporal", "api", "worker")
asyncio.run(stack.run(lambda _: print(*(stack.pid(name) for name in names), flush=True)))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_no_process_is_left_when_the_supervisor_ends(open_folder: Path, number: int) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(open_folder / "data"), stdout=subprocess.PIPE, cwd=ROOT
    )
    assert supervisor.stdout is not None
    pids = [int(pid) for pid in (await asyncio.wait_for(supervisor.stdout.readline(), 30)).split()]
    assert len(pids) == 4
    assert all(is_alive(pid) for pid in pids)
    supervisor.send_signal(number)
    assert await asyncio.wait_for(supervisor.wait(), 20) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    await eventually(lambda: not any(is_alive(pid) for pid in pids))


async def test_a_stack_in_a_relative_folder(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make up` has it by default, while PostgreSQL and Temporal run in folders of their own."""
    monkeypatch.chdir(open_folder)
    made = make_stack(Path("made"))
    assert made.data == open_folder / "made"
    supervisor = Supervisor(Path("data"), durable=False)
    await supervisor.start()
    try:
        assert (open_folder / "data" / "temporal" / "temporal.db").exists()
        assert supervisor.mailbox.folder == open_folder / "data" / "mailbox"
    finally:
        await supervisor.stop()
    supervisor.delete_books()
    assert not (open_folder / "data" / "postgres" / "data").exists()


async def test_a_refused_second_stack_leaves_the_first_ones_settings(open_folder: Path) -> None:
    data = open_folder / "data"
    data.mkdir()
    lock = FolderLock(data)
    lock.take()
    settings = data / ENVIRONMENT_FILE
    settings.write_text("{}")
    with pytest.raises(Refusal, match="data-folder-in-use"):
        await run_up(data, Settings())
    assert settings.exists()
    lock.drop()


@pytest.mark.parametrize("place", ["file", "file/below"])
async def test_a_data_folder_that_cannot_be_one_is_refused(open_folder: Path, place: str) -> None:
    (open_folder / "file").write_text("mine")
    with pytest.raises(Refusal, match="data-folder-unusable"):
        await Supervisor(open_folder / place, durable=False).start()


def test_a_process_that_ends_while_it_is_asked_after_is_not_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(path: Path, *_: object, **__: object) -> str:
        raise ProcessLookupError(3, "No such process")

    assert is_alive(os.getpid())
    monkeypatch.setattr(Path, "read_text", ended)
    assert not is_alive(os.getpid())
