"""The end of a session: what it waits for, what may still be done, and what is known of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.sandbox.voximplant.engine import EndCause, Place, Pool, ScenarioSession, SessionFacts, SessionOverError, Source

NOT_SENT = "not sent: an HTTP request when the session ends, where Terminating may make only one"


class Web:
    """The web as a session's HTTP service: it answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()

    async def answer(self, question: Mapping[str, Any]) -> object:
        """Wait to be opened, then answer."""
        self.asked.append(question["url"])
        await self.open.wait()
        return {"code": 200, "text": "fine", "headers": [], "raw_headers": ""}


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    """Run sessions on threads of their own."""
    pool = Pool(threads=1)
    yield pool
    pool.close()


def session_of(pool: Pool, web: Web, source: str, **facts: Any) -> ScenarioSession:
    """Start a session of one scenario with this web."""
    return ScenarioSession(
        SessionFacts(
            history_id=1,
            sources=(Source("flow", source),),
            custom_data="",
            services={"http": web.answer},
            **facts,
        ),
        pool,
    )


async def until_asked(web: Web, count: int) -> None:
    """Wait until so many requests have reached the web."""
    async with asyncio.timeout(30):
        while len(web.asked) < count:  # noqa: ASYNC110 - the web sets no event
            await asyncio.sleep(0.005)


async def test_the_end_waits_for_requests_that_are_under_way(pool: Pool) -> None:
    """Until they are answered the session is not over, takes no request, and hears none of their answers."""
    web = Web()
    session = session_of(
        pool,
        web,
        """
        Net.httpRequest("http://a.invalid/", () => Logger.write("never"));
        VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("terminating"));
        VoxEngine.addEventListener(AppEvents.Terminated, () => Logger.write("terminated"));
        VoxEngine.terminate();
        """,
    )
    await until_asked(web, 1)
    async with asyncio.timeout(30):
        while session.ending is None:  # noqa: ASYNC110 - the session sets no event
            await asyncio.sleep(0.005)
    assert session.running
    assert session.log == []
    with pytest.raises(SessionOverError):
        await session.deliver({})
    web.open.set()
    await session.closed()
    assert session.log == ["terminating", "terminated"]
    assert session.finish_reason == "Normal termination"
    assert session.ended_at is not None
    assert session.ending is not None
    assert session.ended_at > session.ending.at


async def test_the_end_does_not_wait_for_ever(pool: Pool) -> None:
    """A request that is never answered holds up the end for its limit only."""
    web = Web()
    session = session_of(
        pool, web, "Net.httpRequestAsync('http://a.invalid/'); VoxEngine.terminate();", http_wait_seconds=0.05
    )
    await session.closed()
    assert session.finish_reason == "Normal termination"


async def test_terminating_may_make_one_request(pool: Pool) -> None:
    """The first is sent and its answer heard before Terminated; a second one is never answered (documented: one)."""
    web = Web()
    web.open.set()
    session = session_of(
        pool,
        web,
        """
        VoxEngine.addEventListener(AppEvents.Terminating, async () => {
          Net.httpRequestAsync("http://two.invalid/").then(() => Logger.write("two"));
          const { text } = await Net.httpRequestAsync("http://never.invalid/");
          Logger.write(`never ${text}`);
        });
        VoxEngine.addEventListener(AppEvents.Terminated, () => {
          Logger.write("terminated");
          Net.httpRequestAsync("http://never.invalid/");
        });
        Logger.write("one");
        VoxEngine.terminate();
        """,
    )
    await session.closed()
    assert session.log == ["one", NOT_SENT, "two", "terminated", NOT_SENT]
    assert web.asked == ["http://two.invalid/"]


async def test_an_uncaught_error_is_followed_by_terminating(pool: Pool) -> None:
    """It can report itself: Terminating and Terminated come after an error too, and say so."""
    web = Web()
    web.open.set()
    session = session_of(
        pool,
        web,
        """
        VoxEngine.addEventListener(AppEvents.Terminating, (e) => {
          Logger.write(`terminating ${e.systemError}`);
          Net.httpRequest("http://report.invalid/", () => Logger.write("reported"));
        });
        VoxEngine.addEventListener(AppEvents.Terminated, (e) => Logger.write(`terminated ${e.systemError}`));
        VoxEngine.addEventListener(AppEvents.Started, () => null.x);
        """,
    )
    await session.closed()
    assert session.log[1:] == ["terminating true", "reported", "terminated true"]
    assert session.ending is not None
    assert (session.ending.cause, session.finish_reason) == (EndCause.UNCAUGHT, "JS session error")


async def test_an_error_in_terminating_changes_nothing_about_the_end(pool: Pool) -> None:
    """It is recorded, Terminated is raised, and the first finish reason stays."""
    session = session_of(
        pool,
        Web(),
        """
        VoxEngine.addEventListener(AppEvents.Terminating, () => null.x);
        VoxEngine.addEventListener(AppEvents.Terminated, () => Logger.write("terminated"));
        VoxEngine.terminate();
        """,
    )
    await session.closed()
    assert session.finish_reason == "Normal termination"
    assert [error.during for error in session.record.errors] == ["Application.Terminating"]
    assert session.log[-1] == "terminated"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("VoxEngine.terminate();", EndCause.TERMINATED),
        ("VoxEngine.addEventListener(AppEvents.Started, () => { throw 1 });", EndCause.UNCAUGHT),
        ("for (;;);", EndCause.INTERRUPTED),
        ("setTimeout(() => { for (;;); }, 0);", EndCause.INTERRUPTED),
    ],
)
async def test_the_cause_of_an_end_is_known(pool: Pool, source: str, cause: EndCause) -> None:
    """Where the platform's finish reason leaves it open, the engine says what ended a session."""
    session = session_of(pool, Web(), source)
    await session.closed()
    assert session.ending is not None
    assert session.ending.cause is cause


@pytest.mark.parametrize("source", ["", "const again = () => setTimeout(again, 0); again();"])
async def test_a_session_without_a_call_is_idle_whatever_its_timers_do(pool: Pool, source: str) -> None:
    """A scenario that never terminates is ended by the platform when no call is live."""
    session = session_of(pool, Web(), source, idle_seconds=0.2)
    await session.closed()
    assert session.ending is not None
    assert session.ending.cause is EndCause.IDLE


async def test_the_place_of_terminate_is_known(pool: Pool) -> None:
    """The line that ended a session can be shown."""
    session = session_of(pool, Web(), "function end() {\n  VoxEngine.terminate();\n}\nend();")
    await session.closed()
    assert session.ending is not None
    assert session.ending.place == Place(scenario="flow", line=2, column=13, function="end")


async def test_a_session_that_waits_in_a_queue_has_more_time(pool: Pool) -> None:
    """With a request in a queue the idle limit is another one, until the request is cancelled."""
    session = session_of(
        pool,
        Web(),
        """
        require(Modules.ACD);
        const request = VoxEngine.enqueueACDRequest("queue", "1");
        setTimeout(() => { Logger.write("still here"); request.cancel(); }, 300);
        """,
        idle_seconds=0.1,
        queued_idle_seconds=60,
    )
    await session.closed()
    assert session.log == ["still here"]
    assert session.ending is not None
    assert session.ending.cause is EndCause.IDLE


async def test_a_hundred_handlers_are_all_called(pool: Pool) -> None:
    """Their number is no limit; each is recorded."""
    session = session_of(
        pool,
        Web(),
        """
        let heard = 0;
        for (let i = 0; i < 100; i++) VoxEngine.addEventListener(AppEvents.Started, () => { heard += 1; });
        VoxEngine.addEventListener(AppEvents.Started, () => { Logger.write(heard); VoxEngine.terminate(); });
        """,
    )
    await session.closed()
    assert session.log == ["100"]
    assert len(session.record.listeners) == 101


async def test_a_scenario_that_throws_in_every_handler_ends_once(pool: Pool) -> None:
    """Each error is recorded with its event, and the first one is the end."""
    names = ("Started", "Terminating", "Terminated")
    handlers = "".join(f"VoxEngine.addEventListener(AppEvents.{name}, () => {{ throw '{name}' }});" for name in names)
    session = session_of(pool, Web(), handlers)
    await session.closed()
    assert [(error.during, error.text) for error in session.record.errors] == [
        (f"Application.{name}", f"Uncaught {name}") for name in names
    ]
