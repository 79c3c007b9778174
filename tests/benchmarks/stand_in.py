"""A platform that has nothing but announced sessions, for the benchmark beside: quick, and in a process of its own.

    python tests/benchmarks/stand_in.py CERTIFICATE SECRET

Prints the base of its URLs, and serves over TLS the methods that the bot asks, and the sessions' URLs. `POST
/more?sessions=N` adds sessions; `GET /facts` gives the number of calls by method, and the wall clock's moment at which
each session was first asked to stop.
"""

import asyncio
import hmac
import json
import sys
import time
from collections import Counter
from email.utils import formatdate
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from aiohttp import web

APPLICATION = 4379001
RULE = {"rule_id": 1001, "application_id": APPLICATION, "rule_name": "hotline", "scenarios": []}
FIRST = 4202753936
BEAT_S = 60


class StandIn:
    """Its sessions began together an hour ago, have a beat each minute, spread over it, and end when asked to stop."""

    def __init__(self, secret: bytes) -> None:
        self.base = ""
        self._secret = secret
        self._sessions = 0
        self._began = int(time.time()) - 3600
        self._stops: dict[int, float] = {}
        self._calls: Counter[str] = Counter()

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/platform_api/{method}/", self.method)
        app.router.add_post("/request/{session}/{key}", self.stop)
        app.router.add_post("/more", self.more)
        app.router.add_get("/facts", self.facts)
        return app

    async def more(self, request: web.Request) -> web.Response:
        """Begin further sessions."""
        self._sessions += int(request.query["sessions"])
        return web.Response()

    async def facts(self, _: web.Request) -> web.Response:
        """Return what was asked."""
        return web.json_response({"calls": self._calls, "stops": {FIRST + n: at for n, at in self._stops.items()}})

    async def stop(self, request: web.Request) -> web.Response:
        """End a session, as the kit does."""
        self._stops.setdefault(int(request.match_info["session"].split(".")[2]), time.time())
        return web.Response()

    async def method(self, request: web.Request) -> web.Response:
        """Answer a method of the Management API."""
        method, form = request.match_info["method"], dict(await request.post())
        self._calls[method] += 1
        match method:
            case "GetKeyValueItems":
                begin = int(str(form.get("offset", 0)))
                rows = [self._row(n) for n in range(begin, min(begin + int(str(form["count"])), self._sessions))]
            case "GetKeyValueItem":
                number = int(str(form["key"]).rpartition(":")[2]) - FIRST
                return self._answered({"result": self._row(number)})
            case "GetCallHistory":
                ids = [int(each) for each in str(form.get("call_session_history_id", "")).split(";") if each]
                rows = [self._history(each - FIRST) for each in ids if 0 <= each - FIRST < self._sessions]
            case "GetApplications":
                rows = [{"application_id": APPLICATION, "application_name": "bench.account.voximplant.com"}]
            case "GetRules":
                rows = [RULE]
            case "GetAccountInfo":
                return self._answered({"result": {"account_id": 1, "account_name": "account", "currency": "USD"}})
            case "StartScenarios":
                await asyncio.Event().wait()  # nobody is told
                rows = []
            case _:
                rows = []
        total = {} if method.startswith("GetKeyValue") else {"total_count": len(rows), "count": len(rows)}
        return self._answered({"result": rows, **total})

    def _answered(self, answer: dict[str, object]) -> web.Response:
        return web.json_response(answer, headers={"Date": formatdate(usegmt=True)})

    def _row(self, number: int) -> dict[str, object]:
        """Return a session's announcement, signed; it is the newest of those that it has written."""
        now = int(time.time())
        beat = now - (now - number) % BEAT_S
        text = json.dumps(
            {
                "beat": beat, "calls": 1, "v": 1, "url": f"{self.base}/request/A.1.{number}/B",
                "session": str(FIRST + number), "data": f"+15550100 order {number}", "started": self._began,
            },
            separators=(",", ":"),
        )  # fmt: skip
        signature = hmac.digest(self._secret, text.encode(), "sha256").hex()
        return {
            "key": f"session-bot:{FIRST + number}", "value": f'{text[:-1]},"hmac":"{signature}"}}',
            "expires_at": beat + 3 * BEAT_S,
        }  # fmt: skip

    def _history(self, number: int) -> dict[str, object]:
        row: dict[str, object] = {
            "call_session_history_id": FIRST + number, "account_id": 1, "application_id": APPLICATION,
            "application_name": "bench.account.voximplant.com", "rule_name": "hotline",
            "start_date": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self._began)),
            "custom_data": f"+15550100 order {number}", "active": number not in self._stops, "log_file_url": "",
        }  # fmt: skip
        if number in self._stops:
            row |= {"duration": 3600, "finish_reason": "Normal termination"}
        return row


async def serve(certificate: str, secret: str) -> None:
    """Serve until the process is ended."""
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    stand_in = StandIn(secret.encode())
    runner = web.AppRunner(stand_in.application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    stand_in.base = f"https://127.0.0.1:{runner.addresses[0][1]}"
    print(stand_in.base, flush=True)  # noqa: T201 - for the benchmark
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
