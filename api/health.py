"""Is the service alive, is it ready, what does it count? `/healthz`, `/readyz`, `/metrics`.

Ready means that every named check answers in time. A red check says its name and no more; the reason is in the log.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from litestar import Request, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.types import Scope

from api.alarms import Alarm, Severity, Watch, raised_by
from api.logging import frames_of
from api.metrics import CONTENT_TYPE, Metrics
from api.problems import NOT_FOUND, RequestRefused
from api.routes import Routes

KEEP_SECONDS: Final = 2
"""How long an answer about readiness is kept, so that asking often costs the HSM nothing."""

OK, WARNING, FAILED = "ok", "warning", "failed"

_log = structlog.get_logger("teken.health")


class NotReady(Exception):
    """A check found something wrong; the text names it and the fix, and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """One named question; whatever `ask` raises means no. Alarms that it gives back are warnings."""

    name: str
    """Stable word, e.g. `database`, `hsm`."""
    ask: Callable[[], object]
    seconds: float = 2.0
    """After this time the answer is no."""


def watched(watch: Watch) -> HealthCheck:
    """A watch as a question about readiness: a critical alarm means no, warnings are told and mean yes."""

    def ask() -> tuple[Alarm, ...]:
        raised = raised_by([watch])
        if critical := [alarm.text for alarm in raised if alarm.severity is Severity.CRITICAL]:
            raise NotReady("; ".join(critical))
        return raised

    return HealthCheck(name=watch.name, ask=ask)


class Readiness:
    """Asks all checks side by side, in threads of its own: a hanging HSM must not use up the doors' threads."""

    def __init__(self, checks: Sequence[HealthCheck], *, now: Callable[[], datetime]) -> None:
        self._checks = checks
        self._now = now
        self._threads = ThreadPoolExecutor(max(1, len(checks)), thread_name_prefix="health")
        self._running: dict[str, asyncio.Future[object]] = {}
        self._kept: tuple[datetime, dict[str, str]] | None = None
        self._asking: asyncio.Lock | None = None

    async def answers(self) -> dict[str, str]:
        """Each check's name, and `ok`, `warning`, or `failed` where it did not say yes in time; at most `KEEP_SECONDS`
        old."""
        self._asking = self._asking or asyncio.Lock()
        async with self._asking:
            at = self._now()
            if self._kept is None or abs((at - self._kept[0]).total_seconds()) > KEEP_SECONDS:
                said = await asyncio.gather(*(self._ask(check) for check in self._checks))
                self._kept = at, {check.name: word for check, word in zip(self._checks, said, strict=True)}
            return self._kept[1]

    async def _ask(self, check: HealthCheck) -> str:
        """One answer. A check that still hangs since last time is not asked twice."""
        running = self._running.get(check.name)
        if running is None or running.done():
            running = asyncio.get_running_loop().run_in_executor(self._threads, check.ask)
            self._running[check.name] = running
        try:
            said_yes = await asyncio.wait_for(asyncio.shield(running), check.seconds)
        except Exception as error:
            said = str(error) if isinstance(error, NotReady) else None
            _log.warning("not ready", check=check.name, error=type(error).__name__, said=said, frames=frames_of(error))
            return FAILED
        return WARNING if isinstance(said_yes, tuple) and said_yes else OK


def health_router(
    checks: Sequence[HealthCheck], metrics: Metrics, *, now: Callable[[], datetime], metrics_from: Sequence[str]
) -> Router:
    """The three addresses; `/metrics` exists only for the networks in `metrics_from`."""
    readiness = Readiness(checks, now=now)
    networks = [ipaddress.ip_network(each) for each in metrics_from]

    @get("/healthz", operation_id="Alive", sync_to_thread=False)
    def alive() -> dict[str, str]:
        """This process answers."""
        return {"status": "alive"}

    @get("/readyz", operation_id="Ready")
    async def ready() -> Response[dict[str, Any]]:
        """Every part that signing and verifying needs answers."""
        answers = await readiness.answers()
        well = FAILED not in answers.values()
        status = "ready" if well else "not ready"
        return Response({"status": status, "checks": answers}, status_code=200 if well else 503)

    @get("/metrics", operation_id="Metrics", sync_to_thread=True)
    def scrape(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Counters in the text format of Prometheus."""
        if not _may_scrape(request.scope, networks):
            raise RequestRefused(NOT_FOUND, "There is nothing here for you.")
        return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return Routes(
        path="/",
        route_handlers=[alive, ready, scrape],
        cache_control=CacheControlHeader(no_store=True),
    )


def _may_scrape(scope: Scope, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    """Whether the peer itself, with no proxy between, is in one of the networks."""
    names = {name for name, _ in scope["headers"]}
    client = scope.get("client")
    if client is None or names & {b"x-forwarded-for", b"forwarded"}:
        return False
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return False
    return any(address in network for network in networks)
