"""Which parts a server is made of, and the order in which they start and stop: the one module that knows all of them.

Start: store, logs, environments, activation, provisioned concurrency, the event queue, HTTP. Stop: the reverse. What
functions claim is known before the first call. HTTP stops first and gives the calls that run their grace; activation
and provisioned concurrency stop before the environments that they prepare and start; the last log lines are written
once nothing is left that could write one; the store closes when nobody needs it. What a start left half-way is stopped
in the same order. A loop that dies ends the server: it is never left running with a part missing.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import uvloop

from lambent import __version__, address
from lambent.admin.app import Admin
from lambent.admin.events import EventPages
from lambent.admin.pages import Pages
from lambent.call import Call
from lambent.clock import RealClock
from lambent.delivery import Deliveries
from lambent.invoke import event as events
from lambent.invoke.concurrency import Concurrency
from lambent.invoke.event_queue import EventQueue
from lambent.invoke.history import History
from lambent.invoke.synchronous import Invoker
from lambent.runtime.environments import Environments, RuntimeOptions
from lambent.services.cloudwatch import prometheus
from lambent.services.cloudwatch.buffer import MetricBuffer
from lambent.services.cloudwatch.context import CloudWatch
from lambent.services.cloudwatch.retention import Retention
from lambent.services.cloudwatch.service import service as cloudwatch_service
from lambent.services.events.archivist import Archivist
from lambent.services.events.bus_target import Buses
from lambent.services.events.context import Events
from lambent.services.events.courier import Courier
from lambent.services.events.routing import Routing
from lambent.services.events.scheduler.context import Scheduler
from lambent.services.events.scheduler.firing import Firing
from lambent.services.events.scheduler.service import service as scheduler_service
from lambent.services.events.service import service as events_service
from lambent.services.events.timetable import Timetable
from lambent.services.iam.context import Iam
from lambent.services.iam.principals import Principals
from lambent.services.iam.service import service as iam_service
from lambent.services.lambda_ import repository
from lambent.services.lambda_.activation import Activation
from lambent.services.lambda_.asynchronous import FunctionTarget
from lambent.services.lambda_.code_urls import CodeUrls
from lambent.services.lambda_.context import Lambda
from lambent.services.lambda_.directory import FunctionDirectory
from lambent.services.lambda_.event_policies import EventPolicies
from lambent.services.lambda_.provisioning import Provisioning
from lambent.services.lambda_.service import service as lambda_service
from lambent.services.lambda_.urls.app import FunctionUrls
from lambent.services.lambda_.urls.directory import UrlDirectory
from lambent.services.lambda_.urls.event import Caller
from lambent.services.logs.buffer import LogBuffer
from lambent.services.logs.context import Logs
from lambent.services.logs.expiry import Expiry
from lambent.services.logs.service import service as logs_service
from lambent.services.logs.sessions import Sessions
from lambent.services.sns.context import Sns
from lambent.services.sns.post import Poster
from lambent.services.sns.sender import Sender
from lambent.services.sns.service import service as sns_service
from lambent.services.sns.target import TopicTarget
from lambent.services.sqs.context import Sqs
from lambent.services.sqs.expiry import Expiry as QueueExpiry
from lambent.services.sqs.mover import Mover
from lambent.services.sqs.polls import Polls
from lambent.services.sqs.service import service as sqs_service
from lambent.services.sqs.target import QueueTarget
from lambent.services.sts.callers import Callers
from lambent.services.sts.context import Sts
from lambent.services.sts.service import service as sts_service
from lambent.store import StoreError, make_store
from lambent.wire.gateway import Gateway
from lambent.wire.http import HttpServer
from lambent.wire.leaving import Leaving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from lambent.clock import Clock
    from lambent.edge import Signer
    from lambent.settings import Settings

_log = logging.getLogger(__name__)
_END_WITH_THEIR_CLIENTS = frozenset({b"Logs_20140328.StartLiveTail"})


class StartError(Exception):
    """The server cannot start; the text is one line that says why and what to do."""


class _Part(NamedTuple):
    """A part with a life of its own."""

    name: str
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


class Server:
    """One server. The constructor starts nothing."""

    def __init__(self, settings: Settings, *, run_dir: Path, clock: Clock) -> None:
        """run_dir: for the files of execution environments, which nobody needs after a restart."""
        self._settings = settings
        self._clock = clock
        self._store = make_store(None if settings.ephemeral else settings.data_dir)
        self._logs = LogBuffer(store=self._store, clock=clock)
        self._metrics = MetricBuffer(store=self._store, clock=clock)
        self._metric_retention = Retention(store=self._store, clock=clock)
        self._log_expiry = Expiry(store=self._store, clock=clock)
        self._log_sessions = Sessions(clock)
        self._polls = Polls(store=self._store, clock=clock)
        self._queue_expiry = QueueExpiry(store=self._store, clock=clock)
        self._mover = Mover(store=self._store, clock=clock)
        self._environments = Environments(
            clock=clock,
            run_dir=run_dir,
            fetch_code=self._fetch_code,
            logs=self._logs,
            options=RuntimeOptions(
                max_environments=settings.max_environments,
                idle_timeout_s=settings.idle_timeout_s,
                strict=settings.strict_runtimes,
                isolation="none" if settings.isolation == "none" else "auto",
            ),
        )
        directory = FunctionDirectory(self._store)
        self._activation = Activation(
            store=self._store, clock=clock, environments=self._environments, directory=directory
        )
        directory.wait_for(self._activation)
        self._concurrency = Concurrency(settings.concurrency)
        self._provisioning = Provisioning(
            store=self._store, clock=clock, environments=self._environments, concurrency=self._concurrency
        )
        deliveries = Deliveries()
        deliveries.register("lambda", FunctionTarget(clock))
        deliveries.register("sqs", QueueTarget(clock))
        invoker = Invoker(environments=self._environments, concurrency=self._concurrency, metrics=self._metrics.sink)
        self._events = EventQueue(
            store=self._store,
            clock=clock,
            directory=directory,
            invoker=invoker,
            concurrency=self._concurrency,
            metrics=self._metrics.sink,
            deliveries=deliveries,
            policies=EventPolicies(settings.retry_delays_s),
        )
        code_urls = CodeUrls(clock)
        self._pages = Pages(
            store=self._store,
            clock=clock,
            code_urls=code_urls,
            health=self._health,
            status=self._status,
            exposition=self._exposition,
        )
        lambda_ = Lambda(
            store=self._store,
            clock=clock,
            environments=self._environments,
            directory=directory,
            activation=self._activation,
            invoker=invoker,
            metrics=self._metrics.sink,
            concurrency=self._concurrency,
            provisioning=self._provisioning,
            events=self._events,
            code_urls=code_urls,
            urls=UrlDirectory(self._store),
        )
        principals = Principals()
        callers = self._callers = Callers(principals, clock)
        sns = Sns(self._store, clock, deliveries, callers, lambda: self.url)
        deliveries.register("sns", TopicTarget(sns))
        self._sns_sender = Sender(store=self._store, clock=clock, deliveries=deliveries, poster=Poster(clock))
        routing = Routing()
        deliveries.register("events", Buses(routing, clock))
        self._courier = Courier(store=self._store, clock=clock, deliveries=deliveries, routing=routing)
        self._timetable = Timetable(store=self._store, clock=clock)
        self._archivist = Archivist(store=self._store, clock=clock, routing=routing)
        self._firing = Firing(store=self._store, clock=clock)
        gateway = Gateway(
            [
                lambda_service(lambda_),
                cloudwatch_service(CloudWatch(self._store, clock, self._metrics)),
                logs_service(Logs(self._store, clock, self._log_sessions)),
                iam_service(Iam(self._store, clock, callers)),
                sts_service(Sts(self._store, clock, principals, callers)),
                sns_service(sns),
                events_service(Events(self._store, clock, deliveries, routing)),
                scheduler_service(Scheduler(self._store, clock, deliveries)),
                sqs_service(Sqs(self._store, clock, self._polls)),
            ],
            edges={"lambda-url": FunctionUrls(lambda_, self._identify)},
            admin=Admin({**self._pages.table(), **EventPages(History(self._store)).table()}),
            account=settings.account,
            region=settings.region,
            clock=clock,
        )
        self._http = HttpServer(
            Leaving(gateway, _END_WITH_THEIR_CLIENTS), host=settings.host, port=settings.port, clock=clock
        )
        self._parts = (
            _Part("the store", self._store.open, self._store.close),
            _Part("the log buffer", self._start_logs, self._stop_logs),
            _Part("the execution environments", self._start_environments, self._stop_environments),
            _Part("activation", self._activation.resume, self._activation.stop),
            _Part("provisioned concurrency", self._provisioning.resume, self._provisioning.stop),
            _Part("the event queue", self._start_events, self._stop_events),
            _Part("HTTP", self._start_http, self._stop_http),
        )
        self._started: list[_Part] = []
        self._loops: list[asyncio.Task[None]] = []
        self._background: set[asyncio.Task[None]] = set()
        self._began = clock.monotonic()
        self._drain_until: float | None = None
        self._dead = False

    @property
    def url(self) -> str:
        """Where it is reached, once it has started."""
        return address.url(self._settings.host, self._http.address[1])

    # --- start and stop

    async def start(self) -> None:
        """Start every part. Raises StartError, what has started then stopped again."""
        for part in self._parts:
            self._started.append(part)
            try:
                await part.start()
            except (StartError, StoreError, OSError) as problem:
                await self.stop(0)
                text = str(problem) if not isinstance(problem, OSError) else f"cannot start {part.name}: {problem}"
                raise StartError(text) from problem
        self._run_aside(self._sweep(), "sweep blobs")

    async def wait(self, stop: asyncio.Event) -> int:
        """Wait until it is told to stop, or a part of it has died; the exit status."""
        told = asyncio.create_task(stop.wait(), name="wait for the end")
        await asyncio.wait([told, *self._loops], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        for loop in self._loops:
            if loop.done():
                problem = None if loop.cancelled() else loop.exception()
                _log.critical("%s has died, so that the server ends", loop.get_name(), exc_info=problem)
                self._dead = True
        return 1 if self._dead else 0

    async def stop(self, grace_s: float) -> None:
        """Stop every part that has started; calls that run may go on for `grace_s` seconds."""
        self._drain_until = self._clock.monotonic() + grace_s
        self._events.pause()
        self._pages.end_waits()
        self._log_sessions.end()
        self._polls.end()
        for task in list(self._background):
            task.cancel()
        while self._started:
            part = self._started.pop()
            try:
                await part.stop()
            except Exception:  # noqa: BLE001  logged
                # The boundary of a part: the others are still to be stopped.
                _log.exception("%s did not stop well", part.name)

    async def _start_logs(self) -> None:
        self._loops.append(asyncio.create_task(self._logs.run(), name="the log buffer"))
        self._loops.append(asyncio.create_task(self._log_expiry.run(), name="the expiry of logs"))
        self._loops.append(asyncio.create_task(self._metrics.run(), name="the metric buffer"))
        self._loops.append(asyncio.create_task(self._metric_retention.run(), name="the retention of metrics"))
        self._loops.append(asyncio.create_task(self._queue_expiry.run(), name="the expiry of messages"))
        self._loops.append(asyncio.create_task(self._mover.run(), name="the mover of messages"))
        self._loops.append(asyncio.create_task(self._sns_sender.run(), name="the sender of SNS"))
        self._loops.append(asyncio.create_task(self._courier.run(), name="the courier of EventBridge"))
        self._loops.append(asyncio.create_task(self._timetable.run(), name="the timetable of EventBridge"))
        self._loops.append(asyncio.create_task(self._archivist.run(), name="the archivist of EventBridge"))
        self._loops.append(asyncio.create_task(self._firing.run(), name="the firing of schedules"))

    async def _stop_logs(self) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._logs.run_once()
        await self._metrics.run_once()

    async def _start_environments(self) -> None:
        # Whoever calls first shall find an interpreter warm: the server's own, and those that functions here use.
        used = await self._store.read(repository.runtimes)
        prewarm = list(dict.fromkeys([f"python3.{sys.version_info.minor}", *used]))
        self._environments.endpoint = address.url(self._settings.host, self._settings.port)
        await self._environments.start(prewarm)

    async def _stop_environments(self) -> None:
        await self._environments.stop(self._grace_left_s())

    async def _start_events(self) -> None:
        await self._events.resume()
        self._loops.append(asyncio.create_task(self._events.run(), name="the event queue"))

    async def _stop_events(self) -> None:
        await self._events.stop(self._grace_left_s())

    async def _start_http(self) -> None:
        host, port = self._settings.host, self._settings.port
        try:
            await self._http.start()
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                text = f"port {port} of {host} is in use: stop what uses it, or choose another with --port"
                raise StartError(text) from problem
            raise StartError(f"cannot listen on {host}, port {port}: {problem.strerror or problem}") from problem
        self._environments.endpoint = self.url

    async def _stop_http(self) -> None:
        await self._http.stop(self._grace_left_s())

    def _grace_left_s(self) -> float:
        return max(0.0, (self._drain_until or 0.0) - self._clock.monotonic())

    # --- what parts ask of each other

    async def _identify(self, signer: Signer, region: str) -> Caller:
        """Who signed a request that is no call of the API."""
        call = Call(
            account=signer.account,
            region=region,
            request_id="",
            service="sts",
            operation="GetCallerIdentity",
            access_key=signer.access_key,
            endpoint=self.url,
            source_ip="",
            user_agent="",
            trace_header=None,
        )
        identity = await self._store.read(lambda tx: self._callers.caller(tx, call))
        return Caller(identity.account, signer.access_key, identity.user_id, identity.arn)

    async def _fetch_code(self, blob: str) -> bytes | Path:
        code = await self._store.blobs.find(blob)
        if code is None:
            raise FileNotFoundError(errno.ENOENT, "the deployment package is not in the data directory", blob)
        return code

    def _run_aside(self, work: Any, name: str) -> None:
        """Run what nobody waits for."""
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _sweep(self) -> None:
        """Remove packages that no function refers to any more."""
        try:
            removed = await self._store.blobs.sweep(lambda: self._store.read(repository.blobs))
        except Exception:  # noqa: BLE001  logged
            # The boundary of a background task: what is left over costs room and nothing else.
            _log.exception("deployment packages that nobody uses could not be removed")
        else:
            if removed:
                _log.info("%d deployment packages that nobody uses were removed", removed)

    # --- what it says of itself

    def _exposition(self) -> str:
        environments = self._environments.describe()["environments"]
        gauges = [
            prometheus.Gauge(
                f"lambent_environments_{state}",
                f"Execution environments that are {state}.",
                partial(list, [({}, environments[state])]),
            )
            for state in ("idle", "busy")
        ]
        return prometheus.exposition(self._metrics.sink.functions(), gauges)

    def describe(self) -> str:
        """One line: the address, how far functions are confined, where everything is kept."""
        isolation = self._environments.describe()["isolation"]
        why = f": {'; '.join(isolation['reasons'])}" if isolation["reasons"] else ""
        store = "in memory" if self._settings.ephemeral else self._settings.data_dir
        delays = " and ".join(f"{delay_s:g} s" for delay_s in self._settings.retry_delays_s)
        return (
            f"lambent {__version__} ready on {self.url} "
            f"(isolation {isolation['level']}{why}; store {store}; retries after {delays})"
        )

    def _health(self) -> dict[str, Any]:
        draining = self._drain_until is not None
        return {
            "status": "draining" if draining else "ok",
            "version": __version__,
            "ephemeral": self._settings.ephemeral,
        }

    async def _status(self) -> dict[str, Any]:
        settings, runtime = self._settings, self._environments.describe()
        return {
            **self._health(),
            "process": os.getpid(),
            "address": self.url,
            "uptime_s": round(self._clock.monotonic() - self._began, 1),
            "store": "in memory" if settings.ephemeral else str(settings.data_dir),
            "account": settings.account,
            "region": settings.region,
            "functions": await self._store.read(repository.count),
            "events": {"kept": await self._store.read(events.count), "running": self._events.running},
            "calls": {"running": self._concurrency.total, "limit": settings.concurrency},
            "strict_runtimes": settings.strict_runtimes,
            **runtime,
            # They are looked for when a function first needs another than the server's own.
            "interpreters": runtime["interpreters"] or None,
        }


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. What prevents a start is one line on standard error."""
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        with _run_dir(settings) as run_dir:
            return uvloop.run(_serve(settings, run_dir))
    except StartError as problem:
        sys.stderr.write(f"lambent: {problem}\n")
        return 1


async def _serve(settings: Settings, run_dir: Path) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _told_to_end, stop, number)
    server = Server(settings, run_dir=run_dir, clock=RealClock())
    await server.start()
    if not address.is_loopback(settings.host):
        _log.warning(
            "listening on %s: whoever reaches it may do everything, because any signature is accepted", settings.host
        )
    _leave_what_stays_alone()
    sys.stdout.write(f"{server.describe()}\n")
    sys.stdout.flush()
    status = await server.wait(stop)
    await server.stop(settings.drain_s)
    return status


def _leave_what_stays_alone() -> None:
    """Take what is loaded by now out of the garbage collector's sight, and let it look less often.

    A call makes some hundred objects and no circles; looking through all of botocore's models for them costs more than
    what could be found.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _told_to_end(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        # Asked twice: at once, then. Whatever was accepted is on the disk, and functions end with the server.
        os._exit(128 + number)
    stop.set()


@contextmanager
def _run_dir(settings: Settings) -> Iterator[Path]:
    """Where execution environments have their files: below the data directory, else in a place of its own."""
    if not settings.ephemeral:
        yield settings.data_dir / "run"
        return
    with tempfile.TemporaryDirectory(prefix="lambent-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
