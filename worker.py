"""The worker: composes workflows, activities and the relay, and runs them until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Interceptor, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.audits import Audits
from activities.bounce_mailbox import read_address
from activities.deliveries import Deliveries
from activities.documents import Documents
from activities.ensuring import Ensuring
from activities.mail import MailServer
from activities.receipts import Receipts
from activities.relays import checked_address, read_relays, single_relay
from activities.ringing import Ring
from activities.steps import DispatchSteps, PlanSteps, RollupSteps, RoundSteps, TaskSteps
from activities.zalo import ZaloApp
from domain.errors import DondocError, Refusal
from domain.ids import DOCUMENTS_QUEUE, MAIL_QUEUE, STEPS_QUEUE
from logs import configure_logs
from models.queries.health import read_pulse
from models.session import make_engine
from settings import Settings, read_settings
from workflows.client import Ringer, connect
from workflows.heartbeat import Heartbeat, Pulse
from workflows.polled import unpolled
from workflows.registered import WORKFLOWS
from workflows.relay import Relay

MAX_CACHED_WORKFLOWS = 2000
STEPS_AT_ONCE = 20


def sandbox_runner() -> SandboxedWorkflowRunner:
    """The one sandbox of worker and tests: an import that was meant to pass through and did not is an error."""
    policy = SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    return SandboxedWorkflowRunner(restrictions=replace(SandboxRestrictions.default, import_notification_policy=policy))


def mail_server(settings: Settings) -> MailServer:
    """Where this process hands in mail; a sandbox nowhere but at the embedded mailbox. Raises `Refusal`."""
    s = settings
    if s.smtp_connections < 1:
        raise Refusal("settings-invalid", "DONDOC_SMTP_CONNECTIONS phải từ 1 trở lên. Hãy sửa hoặc bỏ biến này.")
    several = () if s.delivery == "sandbox" else read_relays(s.smtp_relays)
    return MailServer(
        s.smtp_host,
        s.smtp_port,
        sender=checked_address("DONDOC_MAIL_FROM", s.mail_from),
        bounce=checked_address("DONDOC_BOUNCE_ADDRESS", s.bounce_address) if s.bounce_address else "",
        relays=several or (single_relay(s.smtp_host, s.smtp_port, s.smtp_user, s.smtp_password, s.smtp_tls),),
    )


def step_activities(engine: AsyncEngine, ring: Ring) -> list[Callable[..., Any]]:
    """Every named step, as the steps' queue offers them."""
    plans, tasks, rounds = PlanSteps(engine, ring), TaskSteps(engine, ring), RoundSteps(engine, ring)
    rollups, dispatch = RollupSteps(engine, ring), DispatchSteps(engine, ring)
    return [
        Ensuring(ring).start_workflows,
        plans.ensure,
        plans.review,
        tasks.assign,
        tasks.remind_to_acknowledge,
        tasks.open_next_round,
        tasks.close_task,
        rounds.open_round,
        rounds.remind,
        rounds.mark_overdue,
        rounds.escalate,
        rounds.take_in,
        rounds.close_round,
        rollups.gather_reports,
        rollups.compile,
        rollups.wait_for_signature,
        rollups.send_rollup,
        rollups.wait_for_acknowledgement,
        dispatch.gather,
    ]


def make_workers(
    client: Client, engine: AsyncEngine, ringer: Ringer, settings: Settings, interceptors: Sequence[Interceptor] = ()
) -> list[Worker]:
    """One worker for each queue: steps, mail, documents."""
    owner = f"{os.getpid()}-{secrets.token_hex(4)}"
    zalo = ZaloApp(settings.zalo_oauth_url, settings.zalo_message_url, settings.zalo_app_id, settings.zalo_secret_key)
    deliveries = Deliveries(
        engine,
        ringer.ring,
        mail_server(settings),
        zalo,
        owner,
        settings.lease_seconds,
        settings.public_url,
        settings.delivery == "sandbox",
    )
    documents = Documents(engine)
    return [
        Worker(
            client,
            task_queue=STEPS_QUEUE,
            workflows=list(WORKFLOWS.values()),
            activities=[*step_activities(engine, ringer.ring), Audits(engine, client, ringer.ring).look_over],
            workflow_runner=sandbox_runner(),
            interceptors=list(interceptors),
            max_cached_workflows=MAX_CACHED_WORKFLOWS,
            max_concurrent_activities=STEPS_AT_ONCE,
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=settings.sticky_seconds),
        ),
        Worker(
            client,
            task_queue=MAIL_QUEUE,
            activities=[deliveries.send_mail, deliveries.send_zalo],
            interceptors=list(interceptors),
            max_concurrent_activities=settings.smtp_connections,
        ),
        Worker(
            client,
            task_queue=DOCUMENTS_QUEUE,
            activities=[documents.render],
            interceptors=list(interceptors),
            max_concurrent_activities=1,
        ),
    ]


def heartbeat(engine: AsyncEngine, client: Client, settings: Settings) -> Heartbeat:
    """The dead man's switch of this process."""

    async def look() -> Pulse:
        async with engine.connect() as connection:
            return Pulse(*await read_pulse(connection))

    idle, s = partial(unpolled, client), settings
    return Heartbeat(look, idle, s.heartbeat_url, s.heartbeat_file, s.heartbeat_seconds)


async def run_worker(settings: Settings, stop: asyncio.Event, interceptors: Sequence[Interceptor] = ()) -> None:
    """Run until `stop` is set. Raises `Unavailable` where Temporal does not answer at the start."""
    bounces = read_address(settings.bounce_imap)
    engine = make_engine(settings.dsn, pool_size=STEPS_AT_ONCE)
    client = await connect(settings.temporal_address, settings.temporal_namespace)
    ringer = Ringer(client, engine)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        for worker in make_workers(client, engine, ringer, settings, interceptors):
            await stack.enter_async_context(worker)
        await stack.enter_async_context(Relay(engine, client, ringer, settings.relay_seconds))
        await stack.enter_async_context(heartbeat(engine, client, settings))
        await stack.enter_async_context(Receipts(engine, ringer.ring, bounces, settings.bounce_seconds))
        await stop.wait()


async def serve(settings: Settings, interceptors: Sequence[Interceptor] = ()) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_worker(settings, stop, interceptors)


def main(interceptors: Sequence[Interceptor] = ()) -> None:
    """The command `dondoc-worker`."""
    settings = read_settings(os.environ)
    configure_logs(settings.log_level)
    try:
        asyncio.run(serve(settings, interceptors))
    except DondocError as error:
        sys.exit(f"dondoc-worker: {error.message} [{error.code}]")


if __name__ == "__main__":
    main()
