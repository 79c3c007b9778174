"""Metrics of requests to the platform: method, outcome and duration."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.voximplant.errors import PlatformError, Refused

Observe = Callable[[str, str, float], None]
"""Takes a method's name (or `send`, `stop`), the outcome (`ok`, or the error's name) and seconds."""


def is_answer(outcome: str) -> bool:
    """Return whether an outcome is an answer of the platform, a refusal included."""
    return outcome in _ANSWERS


def _names(of: type[PlatformError]) -> set[str]:
    return {of.__name__}.union(*(_names(each) for each in of.__subclasses__()))


_ANSWERS = frozenset({"ok", *_names(Refused)})


def unobserved(_method: str, _outcome: str, _seconds: float) -> None:
    """Ignore an observation."""


@contextmanager
def observed(observe: Observe, method: str) -> Iterator[None]:
    """Observe the request made inside; a cancelled one has no outcome and is not counted."""
    began = time.monotonic()
    try:
        yield
    except PlatformError as problem:
        observe(method, type(problem).__name__, time.monotonic() - began)
        raise
    observe(method, "ok", time.monotonic() - began)
