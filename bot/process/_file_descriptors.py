"""The limit of open files and connections of this process: without a free one no stop can be sent."""

import asyncio
import errno
import logging
import resource
from typing import Any, Final

from bot.process._rate_limited_log import RateLimitedLog

ENOUGH: Final = 65_536
TOO_FEW: Final = 1_024
"""The number of descriptors of the ports, the platform's lanes and Slack together, all at their bounds."""

_NONE_LEFT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = logging.getLogger(__name__)


def raise_descriptor_limit() -> None:
    """Raise the soft limit to the hard limit, and log when that is too low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft != resource.RLIM_INFINITY and soft < TOO_FEW:
        log.warning("only %d files and connections may be open at once: set LimitNOFILE, or ulimit -n, higher", soft)


class AcceptErrorHandler:
    """A loop's exception handler that logs once a minute that no connection can be accepted.

    asyncio would say it 128 times a second on each port, with a traceback each time.
    """

    def __init__(self) -> None:
        self._none_left = RateLimitedLog(log, logging.ERROR)

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log an exception, as the loop's default handler does."""
        problem = context.get("exception")
        if isinstance(problem, OSError) and problem.errno in _NONE_LEFT and "accept" in str(context.get("message")):
            self._none_left.log(f"a connection could not be taken: {problem.strerror}; it is tried again every second")
        else:
            loop.default_exception_handler(context)
