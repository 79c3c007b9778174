"""The page's server, on 127.0.0.1."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from importlib import metadata, resources
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from aiohttp import web

from bot.sandbox import Changes
from bot.sandbox.page._acts import Acts
from bot.sandbox.page._bodies import read
from bot.sandbox.page._extension import Extension, Handler, Malformed, Problem
from bot.sandbox.page._feed import Feed, people_of
from bot.sandbox.page._guard import LIVE, add_headers, guard
from bot.sandbox.page._live import Live
from bot.sandbox.page._options import PageOptions
from bot.sandbox.page._other_side import OtherSide
from bot.sandbox.page._scenarios import Scenarios
from bot.sandbox.slack import Json, LocalSlack, Person
from bot.sandbox.voximplant import Platform

_log = logging.getLogger(__name__)
_LARGEST_BODY: Final = 4 * 2**20
_BROKEN: Final = "This did not work: the page's server failed, and its log has the error."
_STATIC: Final = resources.files("bot.sandbox.page") / "static"


class Page:
    """Serves the world as a page: `async with Page(slack, platform, options) as page: page.url`."""

    def __init__(self, slack: LocalSlack, platform: Platform, options: PageOptions) -> None:
        self.url = ""
        self._slack = slack
        self._options = options
        self._extensions = _extensions(slack, platform, options)
        self._changes = Changes()
        self._live = Live(self._changes)
        self._acts: Mapping[str, Handler] = Acts(slack, platform, options.command).routes()
        self._world = {name: handler for each in self._extensions for name, handler in each.routes().items()}
        self._parts: list[asyncio.Task[None]] = []
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0, auto_decompress=False)
            exits.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self._options.port).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            exits.push_async_callback(self._stop_parts)
            sources = [self._slack.workspace.changes, *(each.changes for each in self._extensions)]
            works = [*(self._pass_on(source) for source in sources), *(each.run() for each in self._extensions)]
            self._parts = [asyncio.create_task(work) for work in works]
            for part in self._parts:
                part.add_done_callback(_report)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[guard], client_max_size=_LARGEST_BODY)
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(lambda _app: self._live.close())
        app.router.add_get("/", self._index)
        app.router.add_static("/static", str(_STATIC))
        app.router.add_get(LIVE, self._tab)
        app.router.add_get("/files/{id}", self._file)
        for place, handlers in (("acts", self._acts), ("world", self._world)):
            app.router.add_post(f"/{place}/{{name}}", self._acting(handlers))
        return app

    async def _stop_parts(self) -> None:
        for part in self._parts:
            part.cancel()
        await asyncio.gather(*self._parts, return_exceptions=True)

    async def _pass_on(self, source: Changes) -> None:
        """Wake the tabs on every change of a source."""
        while True:
            await source.upcoming.wait()
            self._changes.notify()

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text=_index_html(), content_type="text/html")

    async def _tab(self, request: web.Request) -> web.StreamResponse:
        people = people_of(self._slack)
        if not people:
            return _answer({"ok": False, "problem": "Nobody lives in this world yet."}, status=404)
        start = next((person for person in people if person.name == self._options.start_as), people[0])
        viewer = self._person(request.query.get("as", "")) or start
        feed = Feed(viewer, self._slack, self._options, self._extensions, metadata.version("session-bot"))
        return await self._live.serve(request, feed)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """Return a file as text to download, if the person sees a message that has it."""
        viewer = self._person(request.query.get("as", ""))
        messages = (each for channel in viewer.channels for each in viewer.messages(channel)) if viewer else ()
        files = (file for message in messages for file in message.files)
        found = next((file for file in files if file.id == request.match_info["id"]), None)
        if found is None:
            return _answer({"ok": False, "problem": "There is no such file here."}, status=404)
        return web.Response(
            body=found.content,
            content_type="text/plain",
            charset="utf-8",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='', errors='replace')}"
            },
        )

    def _acting(self, handlers: Mapping[str, Handler]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def act(request: web.Request) -> web.Response:  # a function: aiohttp takes no partial for one
            return await self._act(handlers, request)

        return act

    async def _act(self, handlers: Mapping[str, Handler], request: web.Request) -> web.Response:
        """Do one act; a problem that a person can have is an answer like any other."""
        handler = handlers.get(request.match_info["name"])
        if handler is None:
            return _answer({"ok": False, "problem": "There is no such act."}, status=404)
        try:
            body = read(await _sent(request))
            person = self._actor(body)
            return _answer({"ok": True, **await handler(person, body)})
        except Problem as problem:
            return _answer({"ok": False, "problem": str(problem)})
        except Malformed as fault:
            return _answer({"ok": False, "problem": str(fault)}, status=400)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001 - an act that breaks has a sentence for the person, as any other that fails
            _log.exception("An act of the page failed")
            return _answer({"ok": False, "problem": _BROKEN}, status=500)

    def _actor(self, body: Json) -> Person | None:
        """Return the person a request names, or None where it names none. Raises Malformed."""
        person = self._person(body.get("as"))
        if person is None and body.get("as") is not None:
            msg = "There is no such person."
            raise Malformed(msg)
        return person

    def _person(self, user_id: object) -> Person | None:
        return next((person for person in people_of(self._slack) if person.id == user_id), None)


async def _sent(request: web.Request) -> bytes:
    """Return the body of a request. Raises Malformed for one that did not come whole: its tab was closed, say."""
    try:
        return await request.read()
    except (web.RequestPayloadError, ConnectionError):
        msg = "The body did not come whole."
        raise Malformed(msg) from None


def _index_html() -> str:
    """Return the page, which asks for every module at once: none waits until another one imports it."""
    static = Path(str(_STATIC))
    addresses = sorted(f"/static/{file.relative_to(static).as_posix()}" for file in static.glob("js/**/*.js"))
    links = "\n    ".join(f'<link rel="modulepreload" href="{address}">' for address in addresses)
    return (static / "index.html").read_text(encoding="utf-8").replace("<!-- every module -->", links)


def _extensions(slack: LocalSlack, platform: Platform, options: PageOptions) -> Sequence[Extension]:
    """Return the parts of the page beside Slack."""
    return (Scenarios(platform, options), OtherSide(slack, platform, options))


def _answer(body: Json, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _report(task: asyncio.Task[None]) -> None:
    """Log a part of the page that failed: the page goes on without it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("A part of the page failed", exc_info=error)
