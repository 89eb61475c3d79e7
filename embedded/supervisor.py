"""The whole stack on one machine: everything started in order, kept running, and ended together."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import NotFound, Refusal
from embedded.children import Child, ChildPart
from embedded.folder_lock import FolderLock
from embedded.keeper import Keeper
from embedded.mailbox import Mailbox
from embedded.pages import Pages
from embedded.ports import LOOPBACK, RememberedPorts
from embedded.postgres import EmbeddedPostgres
from embedded.process import send
from embedded.temporal import NAMESPACE, EmbeddedTemporal
from embedded.zalo import SANDBOX_APP_ID, SANDBOX_SECRET_KEY, ZaloSandbox
from settings import Settings

INFRASTRUCTURE = ("postgres", "temporal")


@dataclass(frozen=True)
class Addresses:
    """Where each part is found."""

    api: str
    pages: str
    """What the mailbox and the Zalo sandbox took, to look at."""
    temporal_ui: str
    temporal: str
    """`host:port`."""
    smtp: str
    """`host:port`."""
    zalo: str
    dsn: str
    """With the password in it."""


class Supervisor:
    """One data folder and the stack that lives in it.

    `children` make the project's own processes out of the composed settings, and are started in their order. `migrate`
    is awaited when PostgreSQL answers and nothing else runs yet. `wanted_ports` fixes ports by name (`api postgres
    temporal temporal-ui mailbox zalo pages`); the others are remembered from the last time. `grace` is how many seconds
    a child has for ending. `durable=False` is for tests.
    """

    def __init__(
        self,
        data: Path,
        settings: Settings | None = None,
        *,
        children: Sequence[Callable[[Settings], Child]] = (),
        migrate: Callable[[Settings], Awaitable[None]] | None = None,
        wanted_ports: Mapping[str, int] | None = None,
        grace: float = 10.0,
        durable: bool = True,
    ) -> None:
        self.data = data.absolute()  # parts run in folders of their own
        self.postgres: EmbeddedPostgres
        self.temporal: EmbeddedTemporal
        self.mailbox: Mailbox
        self.zalo: ZaloSandbox
        self.settings = settings or Settings()
        """As given; composed with the addresses of the parts once they are known."""
        self._children = list(children)
        self._migrate = migrate
        self._wanted_ports = dict(wanted_ports or {})
        self._grace = grace
        self._durable = durable
        self._lock = FolderLock(self.data)
        self._keepers: dict[str, Keeper] = {}
        self._servers: list[Mailbox | ZaloSandbox | Pages] = []
        self._addresses: Addresses | None = None

    async def start(self) -> Settings:
        """Start everything; returns the composed settings. If a part does not start, what had started is ended.

        Raises `Refusal` (`data-folder-in-use`, `data-folder-unusable`, `port-taken`) or `Unavailable`, which names the
        part and its log.
        """
        self._take_folder()
        try:
            await self._start_parts()
        except BaseException:
            await self.stop()
            raise
        return self.settings

    async def run(self, on_ready: Callable[[Addresses], None] | None = None) -> None:
        """Start, stay until SIGTERM, SIGINT or SIGHUP, end everything. A signal during the start ends it, too."""
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        for number in signals:
            loop.add_signal_handler(number, asked.set)
        starting = asyncio.create_task(self.start())
        waiting = asyncio.create_task(asked.wait())
        try:
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                if on_ready is not None:
                    on_ready(self.addresses())
                await waiting
        finally:
            for task in (starting, waiting):
                task.cancel()
            await asyncio.gather(starting, waiting, return_exceptions=True)
            await self.stop()
            for number in signals:
                loop.remove_signal_handler(number)

    async def stop(self) -> None:
        """End everything: the children first, then what they use. Nothing that was started by us is left."""
        infrastructure = [keeper for name, keeper in self._keepers.items() if name in INFRASTRUCTURE]
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values() if keeper not in infrastructure))
        await asyncio.gather(*(part.stop() for part in [*self._servers, *infrastructure]))
        self._keepers.clear()
        self._servers.clear()
        self._lock.drop()

    def addresses(self) -> Addresses:
        """Where each part is found, after the start."""
        if self._addresses is None:
            raise RuntimeError("not started")
        return self._addresses

    def pid(self, name: str) -> int | None:
        """The process id of a part or child, `None` while it is down. Raises `NotFound` for an unknown name."""
        return self._keeper(name).part.pid

    def restarts(self, name: str) -> int:
        """How often it was started again after it had ended by itself."""
        return self._keeper(name).restarts

    def kill_child(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to one process, as an accident would; unless held, it is started again if it ends."""
        pid = self.pid(name)
        if pid is not None:
            send(pid, number)

    def hold(self, name: str) -> None:
        """Do not start it again when it ends, until `release` or `start_again`."""
        self._keeper(name).hold()

    def release(self, name: str) -> None:
        """The opposite of `hold`."""
        self._keeper(name).release()

    async def stop_hard(self, name: str) -> None:
        """Hold it and end it by SIGKILL, with all its children; `mailbox` and `zalo` only stop listening."""
        server = self._server(name)
        await (self._keeper(name).stop_hard() if server is None else server.stop())

    async def start_again(self, name: str) -> None:
        """After `stop_hard`: start it where it was, and wait until it is ready."""
        server = self._server(name)
        await (self._keeper(name).start_again() if server is None else server.start())

    def delete_books(self) -> None:
        """Delete PostgreSQL's data, which may lie outside of the data folder; only while everything is stopped."""
        folder = self.data / "postgres"
        if folder.exists():
            EmbeddedPostgres(folder, durable=self._durable).delete_data()

    def _take_folder(self) -> None:
        try:
            # Others may pass through, since root runs PostgreSQL as another account; each part's folder is closed.
            self.data.mkdir(parents=True, exist_ok=True, mode=0o711)
            self._lock.take()
        except OSError as error:
            words = f"Không dùng được thư mục dữ liệu {self.data} ({error.strerror}); hãy chọn thư mục khác."
            raise Refusal("data-folder-unusable", words) from error

    async def _start_parts(self) -> None:
        ports = RememberedPorts(self.data / "ports.json", self._wanted_ports)
        self.postgres = EmbeddedPostgres(self.data / "postgres", durable=self._durable)
        await self.postgres.prepare()  # ends one that a dead supervisor left, so that its port is free
        self.postgres.use_port(await ports.claim("postgres"))
        await self._keep(Keeper(self.postgres))
        # From here on the settings know the books, which is what migrating needs.
        self.settings = dataclasses.replace(self.settings, dsn=self.postgres.dsn_of())
        if self._migrate is not None:
            await self._migrate(self.settings)
        self.temporal = EmbeddedTemporal(
            self.data / "temporal", await ports.claim("temporal"), await ports.claim("temporal-ui")
        )
        await self._keep(Keeper(self.temporal))
        await self._start_servers(ports)
        self._compose(await ports.claim("api"))
        for make in self._children:
            child = make(self.settings)
            await self._keep(Keeper(ChildPart(child, self._grace), restart=child.restart))

    async def _keep(self, keeper: Keeper) -> None:
        self._keepers[keeper.part.name] = keeper
        await keeper.start()

    async def _start_servers(self, ports: RememberedPorts) -> None:
        mail = self.data / "mailbox"
        self.mailbox = Mailbox(mail, LOOPBACK, await ports.claim("mailbox"), durable=self._durable)
        self.zalo = ZaloSandbox(self.data / "zalo", LOOPBACK, await ports.claim("zalo"))
        self._servers = [self.mailbox, self.zalo, Pages(self.mailbox, self.zalo, LOOPBACK, await ports.claim("pages"))]
        for server in self._servers:
            await server.start()

    def _compose(self, api_port: int) -> None:
        given = self.settings
        api = f"http://{LOOPBACK}:{api_port}"
        pages = self._servers[-1]
        self.settings = dataclasses.replace(
            given,
            temporal_address=self.temporal.address, temporal_namespace=NAMESPACE, api_port=api_port,
            public_url=api if given.public_url == Settings.public_url else given.public_url,
            smtp_host=LOOPBACK, smtp_port=self.mailbox.port, smtp_user="", smtp_password="", smtp_tls="none",
            smtp_relays="", bounce_address="",
            zalo_oauth_url=self.zalo.url, zalo_message_url=self.zalo.url,
            zalo_app_id=SANDBOX_APP_ID, zalo_secret_key=SANDBOX_SECRET_KEY,
        )  # fmt: skip
        self._addresses = Addresses(
            api, pages.url if isinstance(pages, Pages) else "", self.temporal.ui, self.temporal.address,
            f"{LOOPBACK}:{self.mailbox.port}", self.zalo.url, self.settings.dsn,
        )  # fmt: skip

    def _keeper(self, name: str) -> Keeper:
        if name not in self._keepers:
            raise NotFound("no-such-part", f"No process {name!r} in this stack; there are {', '.join(self._keepers)}.")
        return self._keepers[name]

    def _server(self, name: str) -> Mailbox | ZaloSandbox | Pages | None:
        return next((server for server in self._servers if server.name == name), None)
