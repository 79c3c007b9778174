"""The page's server, on 127.0.0.1."""

from importlib import resources
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.page._options import PageOptions
from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Platform


class Page:
    """Serves the world as a page: `async with Page(slack, platform, options) as page: page.url`."""

    def __init__(self, slack: LocalSlack, platform: Platform, options: PageOptions) -> None:
        self._slack = slack
        self._platform = platform
        self._options = options
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._index)
        app.router.add_static("/static", str(resources.files("bot.sandbox.page") / "static"))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._options.port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(str(resources.files("bot.sandbox.page") / "static" / "index.html"))
