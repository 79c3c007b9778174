"""The base of every process: clocks, tasks, redaction, references, the version, network and operations."""

from bot.process._acks import Acks
from bot.process._clock import Clock, RemoteClock, clock_ahead_of, clock_warning
from bot.process._failpoints import FAILPOINT_VARIABLE, Failpoint, reach
from bot.process._file_descriptors import AcceptErrorHandler, raise_descriptor_limit
from bot.process._rate_limited_log import RateLimitedLog
from bot.process._redaction import HIDDEN, Redactor, install_logging, mask_in_place, scrub, without_urls
from bot.process._reference import UNEXPECTED_LOG_LINE, new_reference
from bot.process._tasks import Tasks, cancel_and_wait, repeat_forever, wait_or_wake
from bot.process._version import version_number, version_words

__all__ = [
    "FAILPOINT_VARIABLE", "HIDDEN", "UNEXPECTED_LOG_LINE", "AcceptErrorHandler", "Acks", "Clock", "Failpoint",
    "RateLimitedLog", "Redactor", "RemoteClock", "Tasks", "cancel_and_wait", "clock_ahead_of", "clock_warning",
    "install_logging", "mask_in_place", "new_reference", "raise_descriptor_limit", "reach", "repeat_forever", "scrub",
    "version_number", "version_words", "wait_or_wake", "without_urls",
]  # fmt: skip
