"""The clock of the embedded world: real time, which can be put on, so that nobody waits an hour for a limit."""

from datetime import UTC, datetime, timedelta


class WorldClock:
    """The present moment of one embedded world, for its Slack and its platform: `clock()`.

    Putting it on moves what is written and compared, as an hour that has passed does; timers and the limits of an
    answer run on in real time.
    """

    def __init__(self) -> None:
        self.ahead_s = 0.0
        """The seconds by which this world is ahead of the machine."""

    def __call__(self) -> datetime:
        """Return the present moment, aware."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def put_on(self, seconds: float) -> None:
        """Put it on by these seconds. Raises ValueError for what would put it back."""
        if seconds < 0:
            raise ValueError(f"a clock is put on, not back: {seconds:g} s")
        self.ahead_s += seconds
