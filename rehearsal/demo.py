"""`dondoc demo`: plays a script on the embedded stack, shows it while it happens, and has it judged."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeVar

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from documents.read_registry import read_registry
from domain.errors import Refusal
from domain.policy import Policy
from embedded.commands import remembered
from embedded.stack import make_stack
from embedded.supervisor import Supervisor
from embedded.zalo import SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN
from models.facts.channels import authorise_zalo
from models.facts.realms import create_realm
from models.facts.tokens import issue_token
from models.session import make_engine
from rehearsal.actors import Actors, words_of
from rehearsal.driver import Driver
from rehearsal.expectations import read_expectations
from rehearsal.judge import Verdict, judge
from rehearsal.kills import Kills
from rehearsal.progress import Progress
from rehearsal.report import check_out, clear_out, print_report, save_files
from rehearsal.script import Script, read_script
from rehearsal.summary import write_summary
from workflows.client import Ringer, connect

_Read = TypeVar("_Read")
STACK_NAMES = ("postgres", "temporal", "mailbox", "zalo", "ports.json")
"""What a stack leaves in its data folder."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TOKEN_DAYS = 30
LEASE_SECONDS = 5.0
"""Shorter than a site's: the one worker that could adopt a dead one's deliveries is its own successor."""


@dataclass(frozen=True)
class Options:
    """What `dondoc demo` was told. `kill_seed` is None for a quiet year."""

    script: Path
    expected: Path
    data: Path
    out: Path
    kill_seed: int | None = None
    keep: bool = False
    throwaway: bool = False
    """The data folder is a temporary one: nothing of it is wanted afterwards, wherever it lies."""


async def run_demo(options: Options) -> Verdict:
    """Play and judge; with `keep` the stack stays until it is told to end. Raises what script or stack refuse."""
    begun = monotonic()
    _end_when_told()
    script = _read(read_script, options.script)
    _read(read_expectations, options.expected)  # before the year is played for nothing
    _check_data(options.data)
    check_out(options.out)
    fire = options.data.absolute() / "fire"
    async with AsyncExitStack() as ends:
        supervisor = make_stack(
            options.data,
            worker_module="rehearsal.worker_under_fire" if options.kill_seed is not None else "worker",
            worker_environment={"DONDOC_FIRE_FOLDER": str(fire), "DONDOC_LEASE_SECONDS": str(LEASE_SECONDS)},
        )
        if options.throwaway:
            ends.callback(supervisor.delete_books)
        await supervisor.start()
        ends.push_async_callback(supervisor.stop)
        clear_out(options.out)
        engine = make_engine(supervisor.settings.dsn)
        ends.push_async_callback(engine.dispose)
        kills = Kills(supervisor, engine, fire, options.kill_seed) if options.kill_seed is not None else None
        await _play(supervisor, engine, script, kills, ends)
        if kills is not None:
            await kills.finish(options.out / "kills.json")
            if words := kills.complaint():
                raise Refusal("kills-too-few", f"Năm này chưa bị phá đủ ({words}); hãy thử SEED khác.")
        verdict = await _judge(options, script, supervisor, engine, monotonic() - begun)
        if options.keep:
            with remembered(supervisor):
                await _until_told(supervisor)
        return verdict


def _read(reader: Callable[[Path], _Read], file: Path) -> _Read:
    try:
        return reader(file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("file-invalid", f"{file} không đúng mẫu ({error!r}); hãy sửa tệp.") from error


def _check_data(data: Path) -> None:
    """A rehearsal begins with empty books and an empty mailbox."""
    if found := [name for name in STACK_NAMES if (data / name).exists()]:
        words = f"{data.absolute()} đã có dữ liệu của một bộ máy chủ ({', '.join(found)}); hãy chọn thư mục khác."
        raise Refusal("data-folder-not-empty", words)


def _end_when_told() -> None:
    """The first signal ends the rehearsal, tidily; further ones do not disturb that."""
    playing, told = asyncio.current_task(), asyncio.Event()

    def end() -> None:
        if playing is not None and not told.is_set():
            told.set()
            playing.cancel()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, end)


async def _until_told(supervisor: Supervisor) -> None:
    """Leave the stack up for whoever wants to look around."""
    told = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    print(
        f"Bộ máy chủ vẫn chạy; nhấn Ctrl-C để dừng. Ở cửa sổ khác, ví dụ:\n"
        f"  .venv/bin/dondoc timeline unit tcvn --data {supervisor.data}",
        flush=True,
    )
    await told.wait()


async def _play(
    supervisor: Supervisor, engine: AsyncEngine, script: Script, kills: Kills | None, ends: AsyncExitStack
) -> None:
    settings = supervisor.settings
    tokens, seeker = await _prepare(supervisor, engine, script)
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    base = f"http://{settings.api_host}:{settings.api_port}"
    http = await ends.enter_async_context(httpx.AsyncClient(base_url=base, timeout=15, trust_env=False))
    actors = Actors(http, tokens, script, seeker)
    with Progress(engine, script.realm, script.begins, script.ends) as progress:
        driver = Driver(engine, Ringer(client, engine), script.realm, kills.on_jump if kills else None)
        for number, act in enumerate(script.acts, 1):
            await driver.live_until(act.at)
            await progress.show(act.at, words_of(act))
            await actors.perform(number, act)
        await driver.live_until(script.ends)
        await progress.show(script.ends, "Hết năm diễn tập")


async def _prepare(supervisor: Supervisor, engine: AsyncEngine, script: Script) -> tuple[dict[str, str], str]:
    """Make the realm, tokens, the Zalo authorisation and refusals; returns the tokens and the coordinator."""
    registry = read_registry(script.registry.read_bytes())
    policy = Policy()
    await create_realm(engine, script.realm, registry, script.begins, policy.first_year, policy.last_year)
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    refusals = supervisor.data / "zalo" / "refusals.json"
    refusals.parent.mkdir(exist_ok=True)
    refusals.write_text(json.dumps(script.zalo_refuse))
    tokens = {person.id: await issue_token(engine, script.realm, person.id, TOKEN_DAYS) for person in registry.people}
    return tokens, next(person.id for person in registry.people if "coordinator" in person.roles)


async def _judge(
    options: Options, script: Script, supervisor: Supervisor, engine: AsyncEngine, seconds: float
) -> Verdict:
    mailbox, zalo_log = supervisor.data / "mailbox", supervisor.data / "zalo" / "log.jsonl"
    dsn = supervisor.settings.dsn
    verdict = await judge(options.expected, mailbox, zalo_log, dsn, script.realm, script.registry)
    await write_summary(options.out, dsn, script.realm, mailbox, seconds)
    await save_files(engine, script.realm, mailbox, options.out)
    await print_report(engine, script.realm, options.out, verdict, supervisor.addresses(), seconds, options.keep)
    return verdict
