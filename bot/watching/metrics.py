"""The metrics of the program for Prometheus, in a registry of their own.

What happens is counted as it happens; what is a state is told when it is asked for, as figures.
Imported only where metrics are served: prometheus_client takes a while.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from bot.digest.measuring import KINDS, OUTCOMES
from bot.meter import Answered
from bot.watching.figures import Figures, gauges_of

# In seconds.
_ANSWERS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATENESS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0)
_WAITS = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
_SYNCS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
_LAGS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Metrics:
    """A meter (`bot.meter.Meter`) that can be asked for everything it was told.

    `now` gives the time in UTC; `synced_at` is when the last sync ended that succeeded (UTC).
    """

    def __init__(self, now: Callable[[], datetime], *, version: str, python: str) -> None:
        self.registry = registry = CollectorRegistry()
        self.synced_at: datetime | None = None
        self._now = now
        self._figures = _AtScrape()
        self._requests = Counter(
            "matome_requests",
            "What people asked for, and how it ended: ok, user_error or incident.",
            ("platform", "intent", "outcome"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "matome_request_duration_seconds",
            "How long the chat took for an answer, without the way to the platform.",
            ("platform", "intent"),
            buckets=_ANSWERS,
            registry=registry,
        )
        self._reply_seconds = Histogram(
            "matome_reply_duration_seconds",
            "From hearing what somebody asks for to the platform's having taken the answer.",
            ("platform",),
            buckets=_ANSWERS,
            registry=registry,
        )
        self._lost_replies = Counter(
            "matome_replies_lost",
            "Answers that the platform did not take.",
            ("platform",),
            registry=registry,
        )
        self._deliveries = Counter(
            "matome_deliveries",
            "Tries to send rows of the outbox, by how they ended; again and put_off are not final.",
            ("platform", "op", "outcome"),
            registry=registry,
        )
        self._lateness = Histogram(
            "matome_delivery_lateness_seconds",
            "How late rows were sent: digests since they were due, all else since it was written.",
            ("platform", "op"),
            buckets=_LATENESS,
            registry=registry,
        )
        self._pace_waits = Histogram(
            "matome_pace_wait_seconds",
            "How long requests of the outbox waited for a slot that keeps the platform's pace.",
            ("platform",),
            buckets=_WAITS,
            registry=registry,
        )
        self._limit_waits = Histogram(
            "matome_rate_limit_wait_seconds",
            "For how long platforms asked to be left alone (HTTP 429); each is one answer.",
            ("platform", "scope"),
            buckets=_WAITS,
            registry=registry,
        )
        self._findings = Counter(
            "matome_validator_findings",
            "What was to be sent and breaks a limit of its platform: mistakes of the program.",
            ("platform", "limit"),
            registry=registry,
        )
        self._reconnects = Counter(
            "matome_gateway_reconnects",
            "How often a shard or a socket was connected again.",
            ("platform", "link"),
            registry=registry,
        )
        self._syncs = Counter(
            "matome_syncs",
            "Syncs with the archive by result: succeeded or failed.",
            ("result",),
            registry=registry,
        )
        self._sync_seconds = Histogram(
            "matome_sync_duration_seconds",
            "How long syncs took.",
            buckets=_SYNCS,
            registry=registry,
        )
        self._skew = Gauge(
            "matome_clock_skew_seconds",
            "How far this machine's clock is ahead of another's at least, below zero behind.",
            ("source",),
            registry=registry,
        )
        self._incidents = Counter(
            "matome_incidents",
            "Failures nobody thought of, each in the log under its number, by the module.",
            ("place",),
            registry=registry,
        )
        self._lag = Histogram(
            "matome_event_loop_lag_seconds",
            "How much later than asked for the event loop went on, looked at once a second.",
            buckets=_LAGS,
            registry=registry,
        )
        Info("matome_build", "What runs.", registry=registry).info(
            {"version": version, "python": python}
        )
        for result in ("succeeded", "failed"):
            self._syncs.labels(result)
        registry.register(self._figures)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

    def begin(self, platform: str) -> None:
        """Let counts of a platform begin with 0: how a count grows is seen from its second value.

        Those of incidents and findings begin when there is one.
        """
        self._lost_replies.labels(platform)
        self._reply_seconds.labels(platform)
        self._pace_waits.labels(platform)
        for scope in ("platform", "request"):
            self._limit_waits.labels(platform, scope)
        for op in KINDS:
            self._lateness.labels(platform, op)
            for outcome in OUTCOMES:
                self._deliveries.labels(platform, op, outcome)

    def asked(self, platform: str, intent: str, outcome: Answered, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(platform, intent, outcome.value).inc()
        self._request_seconds.labels(platform, intent).observe(seconds)

    def replied(self, platform: str, seconds: float, *, arrived: bool) -> None:
        """Count an answer that arrived, or did not."""
        if arrived:
            self._reply_seconds.labels(platform).observe(seconds)
        else:
            self._lost_replies.labels(platform).inc()

    def delivered(self, platform: str, op: str, outcome: str, lateness: float | None) -> None:
        """Count a try to send a row."""
        self._deliveries.labels(platform, op, outcome).inc()
        if lateness is not None:
            self._lateness.labels(platform, op).observe(max(0.0, lateness))

    def waited(self, platform: str, seconds: float) -> None:
        """Count a slot that was waited for."""
        self._pace_waits.labels(platform).observe(seconds)

    def limited(self, platform: str, seconds: float, *, everywhere: bool) -> None:
        """Count an answer that asks to wait."""
        scope = "platform" if everywhere else "request"
        self._limit_waits.labels(platform, scope).observe(seconds)

    def broke_limit(self, platform: str, limit: str) -> None:
        """Count a limit that is broken."""
        self._findings.labels(platform, limit).inc()

    def skewed(self, source: str, seconds: float) -> None:
        """Note how this machine's clock compares with another's."""
        self._skew.labels(source).set(seconds)

    def reconnected(self, platform: str, link: str) -> None:
        """Count a connection that is there again."""
        self._reconnects.labels(platform, link).inc()

    def synced(self, seconds: float, *, succeeded: bool) -> None:
        """Count a sync."""
        self._syncs.labels("succeeded" if succeeded else "failed").inc()
        self._sync_seconds.observe(seconds)
        if succeeded:
            self.synced_at = self._now()

    def lagged(self, seconds: float) -> None:
        """Count a look at how late the event loop is."""
        self._lag.observe(max(0.0, seconds))

    def incident(self, place: str) -> None:
        """Count a failure nobody thought of."""
        self._incidents.labels(place).inc()

    def exposed(self, figures: Figures, accept: str) -> tuple[str, bytes]:
        """Everything with the figures as they are now: the content type, and the text.

        It is OpenMetrics where `accept`, a header, asks for that.
        """
        self._figures.now = figures
        try:
            encode, kind = choose_encoder(accept)
        except (TypeError, ValueError):
            # A version that is no number.
            encode, kind = generate_latest, CONTENT_TYPE_PLAIN_0_0_4
        return kind, encode(self.registry)


class _AtScrape:
    """Tells the registry of the figures that were asked for last; before, only their names."""

    def __init__(self) -> None:
        self.now: Figures | None = None

    def collect(self) -> Iterator[Metric]:
        """The figures as gauges."""
        for gauge in gauges_of(self.now or Figures()):
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for values, number in gauge.samples:
                family.add_metric(values, number)
            yield family


class IncidentCounter(logging.Handler):
    """Counts the incidents that are logged, by the module that did."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record if it is of an incident."""
        # What structlog hands over: the event with its values.
        if isinstance(record.msg, dict) and "incident" in record.msg:
            self._metrics.incident(record.name)
