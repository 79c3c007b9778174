"""The metrics of the bot, as Prometheus reads them."""

import math

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.process import version_number


class Metrics:
    """The metrics of the bot, in a registry of its own. Labels are our words, never a person or a session."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        self.commands = Counter(
            "session_bot_commands",
            "Commands by how they ended; asked: a button was shown first, and nothing done.",
            ["verb", "state"],
            registry=registry,
        )
        self.ack_seconds = Histogram(
            "session_bot_ack_seconds",
            "From a command's arrival to its ack. Slack gives up after 3 s.",
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
            registry=registry,
        )
        self.sessions = Gauge("session_bot_open_sessions", "Sessions that are not over.", ["state"], registry=registry)
        self.platform_requests = Counter(
            "session_bot_platform_requests",
            "Requests to the platform by outcome.",
            ["method", "outcome"],
            registry=registry,
        )
        self.platform_seconds = Histogram(
            "session_bot_platform_seconds",
            "How long requests to the platform took.",
            ["method"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15),
            registry=registry,
        )
        self.lane_in_flight = Gauge("session_bot_lane_in_flight", "Requests on their way.", ["lane"], registry=registry)
        self.lane_waiting = Gauge(
            "session_bot_lane_waiting", "Requests waiting for their lane.", ["lane"], registry=registry
        )
        self.messages_waiting = Gauge(
            "session_bot_messages_waiting", "Messages Slack has not got yet.", registry=registry
        )
        self.tasks = Gauge(
            "session_bot_tasks", "Commands under way, and the work that follows them.", registry=registry
        )
        self.records_waiting = Gauge(
            "session_bot_records_waiting", "Records in memory that wait for the database.", registry=registry
        )
        self.stops_unconfirmed = Gauge(
            "session_bot_stops_unconfirmed",
            "Sessions that were to stop and may still run: their end was not confirmed in time.",
            registry=registry,
        )
        self.sessions_over_limit = Gauge(
            "session_bot_sessions_over_limit", "Open sessions that outlast their limit.", registry=registry
        )
        self.platform_reachable = Gauge(
            "session_bot_platform_reachable",
            "1 if the platform answered when last asked, 0 if not, NaN before it was asked.",
            registry=registry,
        )
        self.history_age_seconds = Gauge(
            "session_bot_history_age_seconds",
            "How long ago the platform's history was read last; NaN before it was.",
            registry=registry,
        )
        self.slack_requests = Counter(
            "session_bot_slack_requests",
            "Calls of Slack's Web API by outcome: ok, Slack's word, or no answer.",
            ["method", "outcome"],
            registry=registry,
        )
        self.slack_connected = Gauge(
            "session_bot_slack_connected", "1 while commands can come in from Slack.", registry=registry
        )
        self.inbox_requests = Counter(
            "session_bot_inbox_requests",
            "Requests to the inbox for sessions by outcome: accepted, or why not.",
            ["outcome"],
            registry=registry,
        )
        self.directory_round_seconds = Gauge(
            "session_bot_directory_round_seconds",
            "How long the last round took that read which sessions announce themselves; NaN before there was one.",
            registry=registry,
        )
        self.announced_rows = Gauge(
            "session_bot_announced_rows",
            "Rows in that round: believed in their form, or refused.",
            ["kind"],
            registry=registry,
        )
        self.announcements_refused = Counter(
            "session_bot_announcements_refused",
            "Announcements that were not believed, when they were new or had changed, by the reason.",
            ["reason"],
            registry=registry,
        )
        self.sessions_heard = Gauge(
            "session_bot_sessions_heard", "Open sessions that have announced themselves.", registry=registry
        )
        self.sessions_without_channel = Gauge(
            "session_bot_sessions_without_channel",
            "Open sessions that belong to no channel: the log alone tells of what happens to them.",
            registry=registry,
        )
        self.sessions_silent = Gauge(
            "session_bot_sessions_silent", "Those of them that are not heard of any more.", registry=registry
        )
        for unknown in (self.platform_reachable, self.history_age_seconds, self.directory_round_seconds):
            unknown.set(math.nan)
        Gauge("session_bot_info", "The version that runs.", ["version"], registry=registry).labels(
            version_number()
        ).set(1)
        self.token_accepted = Gauge(
            "session_bot_slack_token_accepted",
            "0 while Slack refuses the token of this setting.",
            ["setting"],
            registry=registry,
        )
        ProcessCollector(registry=registry)

    def slack(self, method: str, outcome: str) -> None:
        """Count one call of Slack's Web API."""
        self.slack_requests.labels(method, outcome).inc()

    def platform(self, method: str, outcome: str, seconds: float) -> None:
        """Count one request to the platform, waiting for its lane included."""
        self.platform_requests.labels(method, outcome).inc()
        self.platform_seconds.labels(method).observe(seconds)
