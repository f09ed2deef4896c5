"""The supervisor behind `spotter run`: starts everything in order, keeps it alive, stops it in order."""

import http.client
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from service import traces
from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.errors import SpotterError, Unavailable
from service.domain.gyms import DEFAULT_GYM
from service.running import address, startup_message
from service.running.data_directory import claimed, private
from service.running.disk_guard import DiskGuard
from service.running.supervised_process import Child
from service.running.valkey import EmbeddedServer
from service.store.wake import DELIVERIES
from service.usecases.backup.restore import check_finished
from service.usecases.gym.browser_sessions import offer_sign_in
from service.usecases.gym.first_key import first_key
from service.usecases.rules.publish import publish_rules
from service.usecases.services import Services

_SERVER_START_SECONDS = 30.0
_WEB_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_TICK_SECONDS = 0.1


class _Stopped(Exception):
    """Somebody asked to stop while the start was still under way."""


class Supervisor:
    """All processes of one Spotter; `run` blocks until it is told to stop. `say` shows a text to the user."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._stop_requested = False
        # In the order in which they are started; stopped in the opposite one.
        self._stages: list[list[Child]] = []
        self._lock: int
        self._guard: DiskGuard | None = None

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP. Returns after the last child has ended.

        Raises `SpotterError` when it cannot start (of bad rule files, for example), or when a child keeps dying;
        nothing runs any longer then either.
        """
        with claimed(self._settings.data_dir) as self._lock, self._signals():
            address.check_is_free(self._settings.host, self._settings.port)
            if self._settings.traces:
                traces.sender()
            try:
                with suppress(_Stopped):
                    self._start()
                    self._keep_alive()
            finally:
                self._stop()
        self._say("Stopped.")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def request_stop(_number: int, _frame: FrameType | None) -> None:
            self._stop_requested = True

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup, which means to outlive
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, request_stop) for number in numbers}
        yield
        for number, handler in before.items():
            signal.signal(number, handler)

    def _start(self) -> None:
        settings = self._settings
        self._say(f"Starting Spotter on {settings.data_dir} ...")
        for doubt in settings.doubts:
            self._say(f"Warning: {doubt}")
        self._start_servers()
        services = bootstrap(settings)
        check_finished(services)
        self._publish(services)
        workers = [self._python(f"worker-{number}", "workers.worker") for number in range(1, settings.workers + 1)]
        deliverer = self._python("deliverer", "workers.worker", DELIVERIES)
        self._start_stage([*workers, deliverer, self._python("sweeper", "workers.sweeper")])
        web = self._python("web", "service.running.web")
        self._start_stage([web])
        self._await(web, self._web_answers, _WEB_START_SECONDS)
        self._say(startup_message.text(settings, first_key(services), _link(services)))

    def _publish(self, services: Services) -> None:
        try:
            for line in startup_message.published(publish_rules(services)):
                self._say(line)
        except Unavailable as error:  # what is published serves, and what is logged can be read
            if not services.archive.published():
                raise
            self._say(f"The rules stay as they were: {error}")

    def _start_servers(self) -> None:
        settings = self._settings
        servers = {}
        if settings.embedded_log:
            servers["log"] = EmbeddedServer(settings.data_dir / "log", settings.redis_url, "always")
        if settings.embedded_queue:
            servers["queue"] = EmbeddedServer(settings.data_dir / "queue", settings.queue_url, "everysec")
        children = {}
        for name, server in servers.items():
            private(server.directory)
            private(server.socket_path.parent)
            server.remove_leftovers()
            children[name] = self._child(f"valkey-{name}", server.command(take_writes=name != "log"))
        self._start_stage(list(children.values()))
        for name, server in servers.items():
            self._await_server(children[name], server)
        if "log" in servers:
            self._guard = DiskGuard(children["log"], servers["log"], self._say)
            self._guard.tend()

    def _await_server(self, child: Child, server: EmbeddedServer) -> None:
        """Wait until `server` has loaded its data, however long that takes; being silent is what has a limit."""
        silent_since = time.monotonic()
        while (status := server.status()) != "ready":
            self._pause(child)
            if status == "loading":
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > _SERVER_START_SECONDS:
                raise SpotterError(f"The {child.name} does not answer; its log is {child.log}.")

    def _await(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            self._pause(child)
            if time.monotonic() > deadline:
                raise SpotterError(f"The {child.name} does not answer; its log is {child.log}.")

    def _pause(self, child: Child) -> None:
        """Let a little time pass while `child` starts; raises when it died or a stop was asked for."""
        if self._stop_requested:
            raise _Stopped
        child.check()
        time.sleep(0.02)

    def _keep_alive(self) -> None:
        while not self._stop_requested:
            is_full = self._guard is not None and self._guard.tend()
            for stage in self._stages:
                for child in stage:
                    child.tend(forgiving=is_full)
            time.sleep(_TICK_SECONDS)

    def _stop(self) -> None:
        """Stop the web server first, so that requests under way are answered, and the databases last."""
        if self._stages:
            self._say("Stopping ...")
        for stage in reversed(self._stages):
            deadline = time.monotonic() + _STOP_SECONDS
            for child in stage:
                child.terminate()
            for child in stage:
                child.wait(deadline)

    def _start_stage(self, children: list[Child]) -> None:
        self._stages.append(children)
        for child in children:
            child.start()

    def _python(self, name: str, module: str, *arguments: str) -> Child:
        return self._child(name, [sys.executable, "-m", module, *arguments])

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(name, command, self._settings.data_dir / f"{name}.log", (self._lock,))

    def _web_answers(self) -> bool:
        connection = http.client.HTTPConnection(address.reachable(self._settings.host), self._settings.port, timeout=5)
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


def _link(services: Services) -> str | None:
    """What signs a browser in; None on a server that takes no writes."""
    try:
        return offer_sign_in(services, DEFAULT_GYM)
    except Unavailable:
        return None
