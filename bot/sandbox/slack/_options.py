"""The options of the local Slack."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.slack._workspace import REQUIRED_SCOPES, utc_now


@dataclass(frozen=True)
class SlackOptions:
    """The options of this Slack.

    `port` 0 lets the system choose; `rate_limits` turns the known limits of Slack on; `scopes` are those the
    bot token was granted; `clock` returns the time for timestamps and lifetimes (the 3 s for acks are real).
    With `request_url` payloads go there from the start, unverified since the app does not run yet (see
    `LocalSlack.send_to`). `retry_seconds` are the real pauses before an event that was not acked comes again:
    Slack documents at once, after a minute and after five. `close_seconds` after connections were asked to be
    replaced they are closed. With an `enterprise_id` the workspace is one of Enterprise Grid, and with `org_wide` the
    app is installed for the whole organisation.
    """

    port: int = 0
    team_id: str = "T0LOCAL"
    team_name: str = "Local"
    domain: str = "local"
    ack_seconds: float = 3.0
    close_seconds: float = 10.0
    retry_seconds: tuple[float, ...] = (0, 60, 300)
    request_url: str = ""
    rate_limits: bool = False
    scopes: tuple[str, ...] = (*REQUIRED_SCOPES, "usergroups:read", "files:write")
    clock: Callable[[], datetime] = field(default=utc_now)
    enterprise_id: str = ""
    org_wide: bool = False
