"""What is counted, for Prometheus. No name of a person, client or document is a label."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.alarms import Alarm
from signer.archive import ArchiveProgress
from signer.hooks.model import WebhookHealth
from signer.timestamping import AuthorityCount

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class _GateCollector(Collector):
    """Asks the HSM gate for its counters at each scrape."""

    def __init__(self, counters: Callable[[], Mapping[str, float]]) -> None:
        self._counters = counters

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily("teken_hsm_gate", "What the gate to the HSM counts.", labels=["counter"])
        for name, value in sorted(self._counters().items()):
            family.add_metric([name], value)
        yield family


class _AlarmCollector(Collector):
    """Looks at everything that is watched, at each scrape."""

    def __init__(self, alarms: Callable[[], Iterable[Alarm]]) -> None:
        self._alarms = alarms

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily("teken_alarm", "Alarms that are raised now.", labels=["name", "severity"])
        for alarm in sorted({(each.name, each.severity.value) for each in self._alarms()}):
            family.add_metric(alarm, 1)
        yield family


class _TimestampCollector(Collector):
    """Asks the time-stamping authorities' breakers at each scrape."""

    def __init__(self, counts: Callable[[], Iterable[AuthorityCount]]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        asked = CounterMetricFamily(
            "teken_timestamps", "Timestamps asked, by authority and outcome.", labels=["authority", "outcome"]
        )
        rests = GaugeMetricFamily(
            "teken_timestamp_authority_rests", "Whether an authority is left alone for a while.", labels=["authority"]
        )
        for each in self._counts():
            asked.add_metric([each.name, "granted"], each.granted)
            asked.add_metric([each.name, "failed"], each.failed)
            rests.add_metric([each.name], each.rests)
        yield asked
        yield rests


class _ArchiveCollector(Collector):
    """Says where the archive stands, as it was counted within the last minute."""

    def __init__(self, progress: Callable[[], ArchiveProgress | None]) -> None:
        self._progress = progress

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily("teken_archive_documents", "Documents that are kept valid.", labels=["state"])
        progress = self._progress()
        if progress is not None:
            family.add_metric(["all"], progress.documents)
            family.add_metric(["unexamined"], progress.unexamined)
            family.add_metric(["due"], progress.due)
            family.add_metric(["overdue"], progress.overdue)
            family.add_metric(["failing"], progress.failing)
        yield family


class _WebhookCollector(Collector):
    """Says how the delivery of events goes, as it was counted within the last minute."""

    def __init__(self, health: Callable[[], WebhookHealth | None]) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        webhooks = GaugeMetricFamily("teken_webhooks", "Webhooks of applications.", labels=["state"])
        deliveries = GaugeMetricFamily("teken_webhook_deliveries", "Deliveries that were not made.", labels=["state"])
        health = self._health()
        if health is not None:
            webhooks.add_metric(["active"], health.active)
            webhooks.add_metric(["paused"], health.paused)
            webhooks.add_metric(["failing"], health.failing)
            deliveries.add_metric(["waiting"], health.waiting)
            deliveries.add_metric(["failed"], health.failed)
        yield webhooks
        yield deliveries


class Metrics:
    """One registry a service; nothing global, so two services in one process do not meet."""

    def __init__(
        self,
        gate_counters: Callable[[], Mapping[str, float]],
        alarms: Callable[[], Iterable[Alarm]] = tuple,
        timestamping: Callable[[], Iterable[AuthorityCount]] = tuple,
        archive: Callable[[], ArchiveProgress | None] = lambda: None,
        webhooks: Callable[[], WebhookHealth | None] = lambda: None,
    ) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "teken_request_seconds",
            "Requests by route and status.",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._signings = Counter(
            "teken_signings", "Signings by level and outcome.", ["level", "outcome"], registry=self._registry
        )
        self._verifications = Counter(
            "teken_verifications", "Verified files by indication.", ["indication"], registry=self._registry
        )
        self._registry.register(_GateCollector(gate_counters))
        self._registry.register(_AlarmCollector(alarms))
        self._registry.register(_TimestampCollector(timestamping))
        self._registry.register(_ArchiveCollector(archive))
        self._registry.register(_WebhookCollector(webhooks))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request; `route` is the template, never the path."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def signing(self, level: str, outcome: str) -> None:
        """One signing: `signed`, or the slug of the problem."""
        self._signings.labels(level, outcome).inc()

    def verification(self, indication: str) -> None:
        """One verified file: its indication, or the slug of the problem."""
        self._verifications.labels(indication).inc()

    def text(self) -> bytes:
        """Everything, in the text format."""
        return generate_latest(self._registry)
