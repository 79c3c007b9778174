"""The parts that every process has, with Slack or without. Nothing of Slack's, slow to load, is imported here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.account import Account, Rules
from bot.config import Settings
from bot.ports import Announced, Board, Changes, Files, NotAnnounced, Policy, RecentResponses, Services, WriteBehind
from bot.process import Clock, RemoteClock, Tasks
from bot.process.metrics import Metrics
from bot.verbs import VERBS
from bot.voximplant import (
    LOG_HOSTS,
    ApiKey,
    Credentials,
    HostRules,
    Lanes,
    LogFiles,
    Management,
    PlainHttp,
    SessionRequests,
    load_credentials,
)
from storage.membership import Membership
from storage.sealing import Sealer
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class ProcessParts:
    """The parts that every process has, with Slack or without."""

    settings: Settings
    clock: Clock
    tasks: Tasks
    metrics: Metrics
    store: Store
    lanes: Lanes
    credentials: Credentials
    platform_clock: RemoteClock
    sealer: Sealer
    owner: str
    membership: Membership


def build_services(
    parts: ProcessParts,
    policy: Policy,
    board: Board,
    wake_watch: Callable[[], None],
    files: Files,
    *,
    announced: Announced | None = None,
    slack_now: Callable[[], datetime],
    known_name: Callable[[str], str | None],
) -> Services:
    """Return the services of verbs: the same in the bot and at a terminal, but for policy and board."""
    settings, clock = parts.settings, parts.clock
    management = Management(
        settings.voximplant_api_url,
        parts.credentials,
        parts.lanes.platform,
        start_timeout=settings.start_timeout,
        read_timeout=settings.read_timeout,
        observe=parts.metrics.platform,
        clock=parts.platform_clock,
        announcements=parts.lanes.announcements,
    )
    return Services(
        settings=settings,
        verbs=VERBS,
        store=parts.store,
        write_behind=WriteBehind(parts.store, clock, parts.tasks),
        sealer=parts.sealer,
        management=management,
        requests=_session_requests(parts),
        rules=Rules(management, settings.rules, clock, settings.directory),
        account=Account(management),
        announced=announced or NotAnnounced(),
        policy=policy,
        board=board,
        files=files,
        logs=LogFiles(
            parts.lanes.logs,
            parts.credentials,
            storages=_hosts((LOG_HOSTS,), settings),
            others=_hosts(settings.voximplant_log_hosts, settings),
            observe=parts.metrics.platform,
        ),
        clock=clock,
        slack_now=slack_now,
        known_name=known_name,
        changes=Changes(),
        recent_responses=RecentResponses(clock),
        owner=parts.owner,
        owners=parts.membership.owners,
        wake_watch=wake_watch,
    )


def read_credentials(settings: Settings, platform_clock: RemoteClock) -> Credentials:
    """Read the platform's credentials; raises CredentialsUnusable."""
    if settings.voximplant_credentials is not None:
        return load_credentials(settings.voximplant_credentials, lambda: platform_clock.now().timestamp())
    if settings.voximplant_account_id is None or settings.voximplant_api_key is None:
        raise AssertionError
    return ApiKey(settings.voximplant_account_id, settings.voximplant_api_key.get_secret_value())


def host_rules(settings: Settings) -> HostRules:
    """Return the rules for the hosts of session URLs."""
    return _hosts(settings.voximplant_session_hosts, settings)


def _hosts(patterns: Sequence[str], settings: Settings) -> HostRules:
    return HostRules(",".join(patterns), nat64=settings.voximplant_nat64_prefix, proxy=settings.way_out)


def _session_requests(parts: ProcessParts) -> SessionRequests:
    settings = parts.settings
    return SessionRequests(
        parts.lanes,
        host_rules(settings),
        timeout=settings.session_timeout,
        plain_http=PlainHttp(settings.voximplant_plain_http),
        observe=parts.metrics.platform,
    )
