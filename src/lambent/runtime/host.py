"""What environments are made from on this machine: interpreters and their zygotes, isolation, memory groups, code.

May import everything of the runtime but `pool`, `call` and `environments`.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import shutil
import sys
import uuid
from typing import TYPE_CHECKING, Any

from lambent.runtime import filesystem, library, logs
from lambent.runtime.code_cache import CodeCache
from lambent.runtime.environment import Environment, Parts
from lambent.runtime.isolation import Isolation, probe
from lambent.runtime.memory import MemoryGroups, NoMemoryGroups, memory_groups
from lambent.runtime.slot import Slots
from lambent.runtime.system_log import system_log
from lambent.runtime.unavailable import RuntimeUnavailable
from lambent.runtime.variables import environ_of
from lambent.runtime.zygote import Zygote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from lambent.clock import Clock
    from lambent.runtime.code_cache import Unpacked
    from lambent.runtime.interpreters import Choice, Interpreter, Interpreters
    from lambent.runtime.isolation import Mode
    from lambent.runtime.logs import LogSink
    from lambent.runtime.slot import Slot
    from lambent.runtime.spec import FunctionSpec
    from lambent.runtime.zygote import ZygoteFacts

_log = logging.getLogger(__name__)
_MB = 1 << 20
_GROUP_OVERHEAD_MB = 16


class Host:
    """Makes environments. The constructor starts nothing."""

    def __init__(
        self,
        *,
        clock: Clock,
        run_dir: Path,
        fetch_code: Callable[[str], Awaitable[bytes | Path]],
        sink: LogSink,
        interpreters: Interpreters,
        users: int,
    ) -> None:
        """users: how many environments may exist at one time."""
        self.code = CodeCache(run_dir / "code", fetch_code)
        self.interpreters = interpreters
        self.isolation = Isolation("plain", ("not looked at yet",))
        self.endpoint = ""
        self._clock = clock
        self._run_dir = run_dir
        self._sink = sink
        self._users = users
        self._groups: MemoryGroups = NoMemoryGroups("not looked at yet")
        self._slots = Slots(clock, self._groups)
        self._packages: dict[str, Path] = {}
        self._zygotes: dict[tuple[Path, Path | None], asyncio.Task[Zygote]] = {}
        """By interpreter, and by what else its environments see."""
        self._started = 0
        self._free_users = list(range(users))
        self._alive: set[Environment] = set()
        self._all_ended = asyncio.Event()

    # --- start and stop

    async def start(self, wanted: Any) -> None:
        """Look at what the machine offers. wanted: `auto` or `none`. Raises OSError."""
        filesystem.raise_open_files_limit()
        self._run_dir.mkdir(parents=True, exist_ok=True)
        await self.code.start()
        for name in ("tmp", "roots"):
            shutil.rmtree(self._run_dir / name, ignore_errors=True)
            (self._run_dir / name).mkdir()
        self._packages = library.locate()
        library.link(self._packages, self._run_dir / "library")
        if wanted == "auto" and sys.platform == "linux":
            self._groups = memory_groups()
        else:
            self._groups = NoMemoryGroups("isolation is switched off" if wanted == "none" else sys.platform)
        self._slots = Slots(self._clock, self._groups)
        self.isolation = await probe(self._clock, wanted, self._probe_config, self._groups.reason)

    async def stop(self) -> None:
        """End everything that was made, and wait until it has ended."""
        for environment in list(self._alive):
            environment.end()
        while self._alive:
            self._all_ended.clear()
            await self._all_ended.wait()
        await self._slots.stop()
        tasks = self._zygotes.values()
        for task in tasks:
            task.cancel()
        for zygote in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(zygote, Zygote):
                await zygote.stop()
        await self._groups.close()
        await self.code.stop()

    # --- zygotes

    async def zygote(self, choice: Choice) -> Zygote:
        """A warm zygote; a new one where the last has ended. Raises RuntimeUnavailable."""
        interpreter, extra = choice.interpreter, filesystem.extra_prefix(choice)
        task = self._zygotes.get((interpreter.path, extra))
        if task is None or (task.done() and _is_gone(task)):
            task = asyncio.create_task(self._start_zygote(interpreter, extra), name=f"zygote {interpreter.text}")
            self._zygotes[interpreter.path, extra] = task
        return await asyncio.shield(task)

    def zygote_facts(self) -> dict[str, ZygoteFacts]:
        """What each warm zygote said of itself, by interpreter."""
        found = {}
        for (path, _), task in self._zygotes.items():
            if task.done() and not _is_gone(task) and (facts := task.result().facts) is not None:
                found[str(path)] = facts
        return found

    async def _start_zygote(self, interpreter: Interpreter, extra: Path | None) -> Zygote:
        own = interpreter.version[:2] == sys.version_info[:2]
        pycache = None if own else self._run_dir / "pycache" / interpreter.text
        if pycache is not None:
            pycache.mkdir(parents=True, exist_ok=True)
        zygote = Zygote(interpreter, self._zygote_config(interpreter, pycache, extra))
        await zygote.start()
        self._slots.fill(zygote)
        return zygote

    def _zygote_config(self, interpreter: Interpreter, pycache: Path | None, extra: Path | None) -> dict[str, Any]:
        config: dict[str, Any] = {
            "mode": self.isolation.mode,
            "library": self._library,
            "preload": list(library.PRELOAD),
            "pycache_prefix": None if pycache is None else (str(pycache) if self._plain else "/.pycache"),
            "environment": {"bundle": library.BUNDLE, "gid": filesystem.GID},
        }
        if not self._plain:
            config.update(self._sandbox(interpreter, pycache, extra))
        return config

    def _sandbox(self, interpreter: Interpreter, pycache: Path | None, extra: Path | None = None) -> dict[str, Any]:
        self._started += 1
        root = self._run_dir / "roots" / str(self._started)
        root.mkdir(parents=True)
        return filesystem.sandbox(
            interpreter=interpreter,
            packages=self._packages,
            extra=extra,
            root=root,
            code_dir=self.code.folder,
            pycache_dir=pycache,
            users=self._users,
        )

    def _probe_config(self, mode: Mode) -> dict[str, Any]:
        return {**self._sandbox(self.interpreters.own(), None), "mode": mode}

    # --- environments

    async def make(self, spec: FunctionSpec, choice: Choice, gone: Callable[[Environment], None]) -> Environment:
        """Launch an environment; its initialisation is under way when this returns.

        gone: called once when its processes have ended, for whatever reason. Raises RuntimeUnavailable, and what
        `CodeCache.hold` raises.
        """
        name = uuid.uuid4().hex
        code = await self.code.hold_all(spec, name)
        try:
            zygote = await self.zygote(choice)
            slot = self._slots.take(zygote)
            parts = self._parts(spec, name, code, choice, zygote, slot)
        except BaseException as problem:
            self.code.let_go_all(spec, name)
            if isinstance(problem, OSError):
                raise _unmade(problem) from problem
            raise

        def on_end(environment: Environment) -> None:
            self._ended(environment)
            gone(environment)

        environment = Environment(spec, parts, clock=self._clock, logs=self._sink, on_end=on_end)
        self._alive.add(environment)
        try:
            environment.launch(slot)
        except OSError as problem:
            environment.end()
            raise _unmade(problem) from problem
        return environment

    def _parts(
        self, spec: FunctionSpec, name: str, code: Unpacked, choice: Choice, zygote: Zygote, slot: Slot
    ) -> Parts:
        if not self._free_users:
            raise RuntimeUnavailable("too many environments are ending at this moment")
        if slot.group is not None:
            slot.group.set_limit((spec.memory_mb + spec.tmp_mb + _GROUP_OVERHEAD_MB) * _MB)
        says = system_log(spec, self._clock)
        stream = logs.stream_name(self._clock.now(), spec, name)
        user = heapq.heappop(self._free_users)
        tmp_dir = self._run_dir / "tmp" / name if self._plain else None
        if tmp_dir is not None:
            tmp_dir.mkdir()
        return Parts(
            name=name,
            stream=stream,
            user=user,
            group=slot.group,
            tmp_dir=tmp_dir,
            config=self._guest_config(spec, choice, stream, user, code, tmp_dir),
            says=says,
            init_start=says.init_start(choice, stream),
            shared_kib=zygote.facts.preload_kib if zygote.facts is not None and choice.kind == "python" else 0,
        )

    def _guest_config(
        self, spec: FunctionSpec, choice: Choice, stream: str, user: int, unpacked: Unpacked, tmp_dir: Path | None
    ) -> dict[str, Any]:
        code, layers = unpacked
        task_root = str(code) if self._plain else "/var/task"
        opt_root = str(layers) if self._plain and layers is not None else "/opt"
        environ = environ_of(
            spec,
            kind=choice.kind,
            log_stream=stream,
            endpoint=self.endpoint,
            task_root=task_root,
            opt_root=opt_root,
            library=self._library,
        )
        if tmp_dir is not None:
            environ["TMPDIR"] = str(tmp_dir)
        rooted = self.isolation.mode == "root"
        return {
            "code": code.name,
            "layers": None if layers is None else layers.name,
            "tmp_mb": spec.tmp_mb,
            "uid": filesystem.FIRST_UID + user if rooted else filesystem.USER_MODE_UID,
            "kind": choice.kind,
            "program": filesystem.program(choice, plain=self._plain),
            "script": str(library.NODE / library.NODE_SCRIPT) if self._plain else f"/var/runtime/{library.NODE_SCRIPT}",
            "runtime": spec.runtime,
            "handler": spec.handler,
            "task_root": task_root,
            "opt_root": opt_root,
            "shown_roots": [[f"{task_root}/", "/var/task/"], [f"{opt_root}/", "/opt/"]] if self._plain else [],
            "environ": environ,
        }

    def _ended(self, environment: Environment) -> None:
        """Its processes are gone: what it was made with is free again."""
        parts = environment.parts
        heapq.heappush(self._free_users, parts.user)
        self.code.let_go_all(environment.spec, parts.name)
        if parts.group is not None:
            self._groups.release(parts.group)
        if parts.tmp_dir is not None:
            shutil.rmtree(parts.tmp_dir, ignore_errors=True)
        self._alive.discard(environment)
        if not self._alive:
            self._all_ended.set()

    @property
    def _plain(self) -> bool:
        return self.isolation.mode == "plain"

    @property
    def _library(self) -> str:
        return str(self._run_dir / "library") if self._plain else "/var/runtime"


def _unmade(problem: OSError) -> RuntimeUnavailable:
    return RuntimeUnavailable(f"no execution environment can be made: {problem}")


def _is_gone(task: asyncio.Task[Zygote]) -> bool:
    return task.cancelled() or task.exception() is not None or task.result().gone
