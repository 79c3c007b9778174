"""The metrics of replicas, which are there only with a database on a server."""

import math
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from storage.membership import Lease


class ReplicaMetrics:
    """The gauges of the replicas, as this one sees them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leads = Gauge(
            "session_bot_is_leader", "1 while this replica leads. These four: on a server only.", registry=registry
        )
        self._replicas = Gauge("session_bot_replicas", "Replicas whose leases hold.", registry=registry)
        self._oldest = Gauge(
            "session_bot_lease_age_seconds", "The time since the last beat of the replica that is longest silent.",
            registry=registry,
        )  # fmt: skip
        self._lag = Gauge(
            "session_bot_database_lag_seconds", "The longest time that the database took for a replica's last beat.",
            registry=registry,
        )  # fmt: skip

    def measure(self, leases: Iterable[Lease]) -> None:
        """Set the gauges by the leases that hold."""
        replicas = [each for each in leases if each.is_alive and each.is_replica]
        self._replicas.set(len(replicas))
        self._oldest.set(max((each.beat_age_s for each in replicas), default=math.nan))
        self._lag.set(max((each.lag_s for each in replicas if each.lag_s is not None), default=math.nan))
