from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.sandbox._clock import TimeSource
from bot.sandbox.voximplant._answers import CannedAnswer
from bot.sandbox.voximplant._call_settings import CallSettings


def utc_now() -> datetime:
    """Return the present moment, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class PlatformOptions:
    """The behaviour of the sandbox's platform; ports of 0 are chosen by the operating system."""

    idle_seconds: float = 60.0
    """A session without calls is over after this long (facts: 60 s)."""
    history_delay_seconds: float = 0.0
    """A session's row appears, and its end shows, this much later (facts: the delay is not known)."""
    unknown_ids_refused: bool = False
    """A look-up of history ids, one of which the account does not have, is refused with 150 (facts: not known)."""
    in_flight_limit: int = 200
    """More StartScenarios at the same time than this are answered with 429 (facts)."""
    custom_data_limit_bytes: int = 200
    """Longer `script_custom_data` is refused, in bytes of UTF-8 (facts: the contract to rely on)."""
    answer_bodies: bool = False
    """A request to a session is answered with what its handler returned, instead of an empty 200 (facts)."""
    secure_logs: bool = False
    """Logs are given to the account's service account only (facts: they need the same Bearer token)."""
    queued_idle_seconds: float = 7200.0
    """A session without calls that waits in a queue is over after this long (facts: 120 min)."""
    http_wait_seconds: float = 90.0
    """The end of a session waits so long for its open HTTP requests, before Terminating and in it (facts: 90 s)."""
    calls: CallSettings = CallSettings()  # noqa: RUF009 - frozen, so it may be shared
    """The behaviour of the other side of a call, where its rule has none of its own."""
    playback_seconds: float | None = None
    """What is said or played is over after this long, loops excepted; None: a text by its length, a file after 10 s."""
    answers: Mapping[str, CannedAnswer] = field(default_factory=dict, repr=False)
    """Answers to the scenarios' own HTTP requests, by URL; without one, only loopback is asked (`_answers.py`)."""
    loopback: bool = True
    """Without it a scenario's request to loopback is not sent either."""
    secrets: Mapping[str, str | None] = field(default_factory=lambda: {"SESSION_BOT_SECRET": None}, repr=False)
    """The values of `VoxEngine.getSecretValue`, by name: None is one that the account does not have; any other secret
    has a made-up value, because a scenario asks for those that it was given."""
    clock: Callable[[], datetime] = utc_now
    """The platform's clock: for its Date header, its tokens and its history."""
    time: TimeSource | None = None
    """The timers of scenarios, calls and idle ends run by it; without it by the event loop."""
    port: int = 0
    media_port: int = 0
    media_tls_port: int = 0
