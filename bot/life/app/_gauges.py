"""The gauges that are computed when the metrics are read, and at no other time."""

from bot.directory import Rounds
from bot.process import Clock
from bot.process.metrics import Metrics
from bot.voximplant import Lanes, Management
from storage import announced, outbox, sessions
from storage.records import OPEN
from storage.store import Store


async def measure_lanes_and_records(metrics: Metrics, lanes: Lanes, store: Store) -> None:
    """Set the gauges of requests under way, open sessions and waiting messages; raises StorageError."""
    for lane in lanes.each():
        metrics.lane_in_flight.labels(lane.name).set(lane.in_flight)
        metrics.lane_waiting.labels(lane.name).set(lane.waiting)
    by_state = await store.read(sessions.count_by_state)
    for state in OPEN:
        metrics.sessions.labels(state).set(by_state.get(state, 0))
    unconfirmed, over_limit = await store.read(sessions.count_troubled)
    metrics.stops_unconfirmed.set(unconfirmed)
    metrics.sessions_over_limit.set(over_limit)
    metrics.sessions_without_channel.set(await store.read(sessions.count_without_channel))
    heard, silent = await store.read(announced.count_heard)
    metrics.sessions_heard.set(heard)
    metrics.sessions_silent.set(silent)
    metrics.messages_waiting.set(await store.read(outbox.count_due))


def measure_platform(metrics: Metrics, platform: Management, clock: Clock) -> None:
    """Set the gauges of the platform, as far as it was asked for anything."""
    if platform.reachable is not None:
        metrics.platform_reachable.set(platform.reachable)
    if platform.history_read_at is not None:
        metrics.history_age_seconds.set(clock.monotonic() - platform.history_read_at)


def measure_rounds(metrics: Metrics, rounds: Rounds) -> None:
    """Set the gauges of the last round of announcements, if there was one."""
    if rounds.took_s is not None:
        metrics.directory_round_seconds.set(rounds.took_s)
    for kind, count in rounds.rows.items():
        metrics.announced_rows.labels(kind).set(count)
