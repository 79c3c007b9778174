"""The time that a scenario sees."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.sandbox.voximplant import PlatformOptions

if TYPE_CHECKING:
    import pytest

    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

SOME_DAY = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


async def test_dates_follow_the_platforms_clock(open_platform: OpenPlatform) -> None:
    """`Date` has the platform's time, in each of its forms, and goes on from turn to turn."""
    now = [SOME_DAY]
    caller = await open_platform(PlatformOptions(clock=lambda: now[0], answer_bodies=True))
    started = await caller.run("""
        VoxEngine.addEventListener(AppEvents.HttpRequest, () => JSON.stringify([
          new Date(), new Date(Date.now()), new Date(+new Date()), new Date().constructor === Date,
          new Date() instanceof Date, typeof Date(), Math.abs(Date.now() - new Date().getTime()) < 50,
        ]));
    """)
    for moment in (SOME_DAY, SOME_DAY + timedelta(days=400)):
        now[0] = moment
        *dates, constructor, instance, kind, same = json.loads((await caller.send(started.url, b"")).text)
        assert [date[:19] for date in dates] == [moment.strftime("%Y-%m-%dT%H:%M:%S")] * 3
        assert (constructor, instance, kind, same) == (True, True, "string", True)


async def test_local_time_is_utc(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's time zone is not the platform's, whose local time is UTC (documented)."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        log = await caller.log_of("""
            Logger.write(new Date(2031, 4, 6, 7, 8).toISOString());
            Logger.write(new Date("2031-05-06T07:08").toISOString());
            Logger.write(new Date("2031-05-06").toISOString());
            Logger.write(new Date("2031-05-06T07:08Z").toISOString());
            Logger.write(new Date("2031-05-06T07:08+02:00").toISOString());
            Logger.write(new Date(Date.parse("May 6 2031 07:08")).toISOString());
            const date = new Date(Date.UTC(2031, 4, 6, 7, 8));
            Logger.write([date.getHours(), date.getDate(), date.getDay(), date.getTimezoneOffset()].join());
            date.setHours(9);
            Logger.write(date.toISOString());
            Logger.write(date.toString());
            Logger.write(date.toLocaleTimeString());
            class Later extends Date {}
            Logger.write(new Later(0).getFullYear() + " " + (new Later(0) instanceof Later));
            VoxEngine.terminate();
        """)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert log == [
        "2031-05-06T07:08:00.000Z",
        "2031-05-06T07:08:00.000Z",
        "2031-05-06T00:00:00.000Z",
        "2031-05-06T07:08:00.000Z",
        "2031-05-06T05:08:00.000Z",
        "2031-05-06T07:08:00.000Z",
        "7,6,2,0",
        "2031-05-06T09:08:00.000Z",
        "Tue May 06 2031 09:08:00 GMT+0000",
        "09:08:00 AM",
        "1970 true",
    ]
