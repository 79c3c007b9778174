"""The progress of a stop for a person who waits at a terminal: for how long, and what its scenario says of it."""

from collections.abc import Callable, Sequence
from typing import Final

from bot.ports import Services
from storage import Connection, sessions
from storage.errors import StorageUnavailable

Progress = Callable[[str], None]

_AFTER_S: Final = 1.0
_EVERY_S: Final = 10.0


async def show_progress(services: Services, progress: Progress, stopped: Sequence[int]) -> None:
    """Print the progress of waiting until cancelled; nothing where the result is there at once."""
    clock, patience = services.clock, services.settings.confirm_seconds
    began = clock.monotonic()
    await clock.sleep(_AFTER_S)
    progress(f"Waiting for the history to confirm it, up to {patience:.0f} s. Ctrl-C ends the waiting, not the stop.")
    while True:
        await clock.sleep(_EVERY_S)
        taken = await _taken_words(services, stopped)
        progress(f"Still waiting, {clock.monotonic() - began:.0f} of up to {patience:.0f} s.{taken}")


async def _taken_words(services: Services, stopped: Sequence[int]) -> str:
    """Return how many of the stops their scenarios took up; empty where none says so."""

    def count(db: Connection) -> int:
        found = (sessions.get(db, each) for each in stopped)
        return sum(each is not None and each.stop is not None and each.stop.taken_at is not None for each in found)

    try:
        taken = await services.store.read(count)
    except StorageUnavailable:
        return ""
    if not taken:
        return ""
    return " Its scenario took it up." if len(stopped) == 1 else f" {taken} of {len(stopped)} were taken up."
