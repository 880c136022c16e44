"""Figures of the service for Prometheus. Every label has few values: routes, not addresses; keys not at all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from parkgeo.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client.core import Metric

    from api.guard.limits import Turns
    from api.guard.trace import Trace
    from api.served.live import Live

__all__ = ["EXPOSITION", "Metrics"]

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Figures of one service. They are its own, so that several services in one process do not add up.

    Parameters
    ----------
    live
        Which snapshot is served.
    turns
        How many requests are being answered.
    """

    def __init__(self, live: Live, turns: Turns) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "parkgeo_requests", "Requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "parkgeo_request_seconds",
            "From the first byte of a request to the last of its answer",
            ("route",),
            buckets=_BOUNDS_S,
            registry=self._registry,
        )
        self._bytes = Counter(
            "parkgeo_answer_bytes", "Bytes of answers, as they left", ("route",), registry=self._registry
        )
        self._refused = Counter(
            "parkgeo_refused",
            "Requests that the guard answered by itself",
            ("status",),
            registry=self._registry,
        )
        self._counts: dict[str, Callable[[], Mapping[str, int]]] = {}
        self._live = live
        self._turns = turns
        # Looked up once: labels() takes a lock and a dictionary for each of its calls.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram, Counter]] = {}
        self._registry.register(self)

    def count(self, trace: Trace, *, refused: bool) -> None:
        """Count a request that was answered."""
        key = (trace.method, trace.template, trace.status)
        found = self._known.get(key)
        if found is None:
            method, route, status = key
            known = method in _METHODS
            requests = self._requests.labels(method if known else "other", route, str(status))
            found = requests, self._seconds.labels(route), self._bytes.labels(route)
            if known:
                self._known[key] = found
        requests, seconds, size = found
        requests.inc()
        seconds.observe(trace.seconds)
        size.inc(trace.sent)
        if refused:
            self._refused.labels(str(trace.status)).inc()

    def watch(self, what: str, states: Callable[[], Mapping[str, int]]) -> None:
        """Show how many there are of something in each state, such as jobs.

        Parameters
        ----------
        what
            Name of the figure, without ``parkgeo_``.
        states
            State → how many; few states, whatever clients do.
        """
        self._counts[what] = states

    def written(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: what there is to show is known when it is asked for."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """What is looked up at the moment somebody asks."""
        running = GaugeMetricFamily("parkgeo_requests_running", "Requests being answered", labels=["pace"])
        for pace, count in self._turns.running.items():
            running.add_metric([pace.value], count)
        yield running
        yield GaugeMetricFamily(
            "parkgeo_requests_waiting", "Heavy requests that wait for their turn", value=self._turns.waiting
        )
        for what, states in self._counts.items():
            figure = GaugeMetricFamily(f"parkgeo_{what}", f"{what} by state".capitalize(), labels=["state"])
            try:
                counted = states()
            except StoreError:
                # Another process has them, say: the other figures are shown all the same, and a missing one is no zero.
                continue
            for state, count in counted.items():
                figure.add_metric([state], count)
            yield figure
        yield from self._snapshot()

    def _snapshot(self) -> Iterable[Metric]:
        loads = CounterMetricFamily("parkgeo_snapshots_loaded", "Snapshots that became live since the start")
        loads.add_metric([], self._live.swaps)
        yield loads
        edition = self._live.loaded
        if edition is None:
            return
        named = GaugeMetricFamily("parkgeo_snapshot", "The live snapshot", labels=["name"])
        named.add_metric([edition.name], 1)
        yield named
        midnight = dt.datetime.combine(edition.snapshot.as_of, dt.time(), dt.UTC)
        yield GaugeMetricFamily(
            "parkgeo_snapshot_as_of_seconds",
            "Day for which the land is judged, Unix time",
            value=midnight.timestamp(),
        )
        if self._live.loaded_at is not None:
            yield GaugeMetricFamily(
                "parkgeo_snapshot_loaded_seconds",
                "When it became live here, Unix time",
                value=self._live.loaded_at,
            )
        features = GaugeMetricFamily(
            "parkgeo_features", "Features of the live snapshot", labels=["collection"]
        )
        for name, collection in edition.collections.items():
            features.add_metric([name], len(collection.rows))
        yield features
