from datetime import UTC

from bot.clock import Clock


async def test_time_is_aware_and_moves_on() -> None:
    """The clock tells aware UTC moments, and its monotonic seconds never go back over a wait."""
    clock = Clock()
    before, moment = clock.monotonic(), clock.now()
    await clock.sleep(0)
    assert moment.tzinfo is UTC
    assert clock.monotonic() >= before
    assert clock.now() >= moment
