"""The state of this process, as its operations endpoints tell it: ready or not, its metrics, its part among others."""

from bot.life.app._gauges import measure_lanes_and_records, measure_platform, measure_rounds
from bot.life.app._replica_metrics import ReplicaMetrics
from bot.life.app._wiring import BotParts
from bot.process import Clock, Tasks
from bot.process.metrics import Metrics
from bot.process.ops import Check, Fact
from bot.slack.api import Receiver, TokenHealth
from bot.voximplant import Lanes
from storage.membership import Membership
from storage.store import Store


class Readiness:
    """The checks of /readyz, and the gauges. `state` is the word for how far the process is; running is ready."""

    def __init__(
        self,
        store: Store,
        lanes: Lanes,
        tokens: TokenHealth,
        membership: Membership,
        *,
        clock: Clock,
        tasks: Tasks,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._tokens = tokens
        self._owners = membership.owners
        self._lead = membership.leadership
        self._replica_metrics = ReplicaMetrics(metrics.registry) if self._lead.is_shared else None
        self._clock = clock
        self._tasks = tasks
        self._metrics = metrics
        self.state = "starting"
        self.receiver: Receiver | None = None
        self.parts: BotParts | None = None

    def checks(self) -> dict[str, Check]:
        """Return the checks by their names."""
        return {"slack": self.slack, "database": self._database, "backlog": self._backlog}

    def facts(self) -> dict[str, Fact]:
        """Return the part of this process among the replicas, where there may be several; a follower is ready, too."""
        return {"role": lambda: "leader" if self._lead.is_held() else "follower"} if self._lead.is_shared else {}

    async def measure(self) -> None:
        """Bring the gauges up to date."""
        connected = await self.slack() is None
        self._metrics.slack_connected.set(connected)
        self._metrics.tasks.set(self._tasks.working)
        self._metrics.records_waiting.set(self._waiting)
        if self.parts is not None:
            measure_platform(self._metrics, self.parts.services.management, self._clock)
            measure_rounds(self._metrics, self.parts.announced.rounds)
        if self._replica_metrics is not None:
            self._replica_metrics.leads.set(self._lead.is_held())
            self._replica_metrics.measure(await self._store.read(self._owners.leases))
        await measure_lanes_and_records(self._metrics, self._lanes, self._store)

    async def slack(self) -> str | None:
        """Return the reason why Slack cannot be reached in either direction, or None."""
        if self.receiver is None or self.state != "running":
            return self.state
        return self._tokens.problem or await self.receiver.problem()

    async def _database(self) -> str | None:
        """Return the database's problem, or None."""
        return self.state if self.state != "running" else await self._store.examine()

    async def _backlog(self) -> str | None:
        """Return the number of unwritten jobs in words, or None."""
        if not (waiting := self._waiting):
            return None
        return f"{waiting} records wait in memory for the database, and are lost with this process"

    @property
    def _waiting(self) -> int:
        return 0 if self.parts is None else self.parts.services.write_behind.size
