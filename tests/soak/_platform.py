"""A platform for the soak: quick, in a process of its own, and unlucky by a seed.

    python -m tests.soak._platform CERTIFICATE SECRET MARK SEED

Prints the base of its URLs and serves the methods that the bot asks, and the sessions' URLs, over TLS. Of its answers
one in a hundred hangs, and one in a hundred is an error. `POST /more?rule=R&sessions=N` adds sessions that announce
themselves, `POST /luck?on=1` begins the bad luck, `POST /hang?rule=R&share=0.05` lets a share of a rule's sessions hang
when they are asked to stop; `POST /hush?rule=R` silences one that announced itself, and returns what it announces;
`GET /facts` returns all that was asked of it. A start whose data begins with `slow` is answered late, and a session of
the rule `stubborn` takes a stop and goes on.
"""

import asyncio
import hmac
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Final

from aiohttp import web

APPLICATION: Final = 4379001
OBEDIENT, BACKGROUND = "obedient", "background"
BULK: Final = "bulk"
LIMITED, STUBBORN, HOTLINE = "limited", "stubborn", "hotline"
RULES: Final = {1001: OBEDIENT, 1002: BACKGROUND, 1003: BULK, 1004: LIMITED, 1005: STUBBORN, 1006: HOTLINE}
FIRST: Final = 4202753936
BEAT_S: Final = 60
HOTLINE_BEAT_S: Final = 5
SLOW: Final = "slow"
SLOW_S: Final = 3.0
HANGS, ERRS = 0.01, 0.01
HUNG_S: Final = 40.0


@dataclass
class _Session:
    """A session of the platform; `stops` are the ids of the requests that asked it to stop."""

    rule: str
    data: str
    began: float
    announces: bool
    hangs: bool = False
    silent_since: int | None = None
    ended: float | None = None
    stops: list[str] = field(default_factory=list)


class SoakPlatform:
    """The sessions and what was asked of them; a session ends when it is asked to stop."""

    def __init__(self, secret: bytes, mark: str, seed: int) -> None:
        self.base = ""
        self._secret = secret
        self._mark = mark
        self._random = random.Random(seed)  # noqa: S311 - luck, no secret
        self._unlucky = False
        self._sessions: list[_Session] = []
        self._announced: list[int] = []
        self._calls: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._sends: Counter[str] = Counter()
        self._sent: list[tuple[int, str]] = []

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/platform_api/{method}/", self.method)
        app.router.add_post("/request/{number}/{key}", self.request)
        app.router.add_post("/more", self.more)
        app.router.add_post("/hang", self.hang)
        app.router.add_post("/luck", self.luck)
        app.router.add_post("/hush", self.hush)
        app.router.add_get("/facts", self.facts)
        return app

    async def more(self, request: web.Request) -> web.Response:
        """Begin further sessions, which announce themselves."""
        for _ in range(int(request.query["sessions"])):
            number = self._begin(request.query["rule"], f"order {len(self._sessions)}", announces=True)
            self._announced.append(number)
        return web.Response()

    async def hang(self, request: web.Request) -> web.Response:
        """Mark a share of a rule's sessions to hang when they are asked to stop; return the number of them."""
        share, of_rule = float(request.query["share"]), [s for s in self._sessions if s.rule == request.query["rule"]]
        some = of_rule[: round(len(of_rule) * share)]
        for each in some:
            each.hangs = True
        return web.json_response(len(some))

    async def luck(self, request: web.Request) -> web.Response:
        """Begin or end the bad luck."""
        self._unlucky = request.query["on"] == "1"
        return web.Response()

    async def hush(self, request: web.Request) -> web.Response:
        """Silence the oldest of a rule's sessions that still announces itself; return its last announcement."""
        rule = request.query["rule"]
        loud = [n for n in self._announced if self._sessions[n].rule == rule and self._sessions[n].silent_since is None]
        row = self._row(loud[0])
        self._sessions[loud[0]].silent_since = int(time.time())
        return web.json_response(row)

    async def facts(self, _: web.Request) -> web.Response:
        """Return what was asked."""
        starts = Counter(each.data for each in self._sessions if not each.announces)
        return web.json_response(
            {
                "calls": self._calls,
                "faults": self._faults,
                "starts": starts,
                "sends": self._sends,
                "sent": self._sent,
                "stops": {
                    str(FIRST + number): {"rule": each.rule, "ids": each.stops, "ended": each.ended is not None}
                    for number, each in enumerate(self._sessions)
                    if each.stops
                },
            }
        )

    async def request(self, request: web.Request) -> web.Response:
        """Answer a request to a session's URL: its stop ends it, anything else is counted by its body."""
        session = self._sessions[int(request.match_info["number"])]
        body = await request.text()
        is_stop = json.loads(body) == {"command": "stop"}
        fault = self._fault("session")
        if is_stop:
            session.stops.append(request.headers["X-Request-Id"])
        else:
            self._sends[body] += 1
            self._sent.append((FIRST + int(request.match_info["number"]), body))
        if is_stop and session.hangs:
            fault = "hang"
        if fault == "hang":
            await asyncio.sleep(HUNG_S)
        if fault is not None:
            return web.Response(status=500)
        if is_stop and session.ended is None and session.rule != STUBBORN:
            session.ended = time.time()
        return web.Response()

    async def method(self, request: web.Request) -> web.Response:
        """Answer a method of the Management API."""
        method, form = request.match_info["method"], {k: str(v) for k, v in (await request.post()).items()}
        self._calls[method] += 1
        if form.get("script_custom_data", "").startswith(SLOW):
            await asyncio.sleep(SLOW_S)
        match self._fault(method):
            case "hang":
                if method == "StartScenarios" and self._random.random() < 0.5:
                    self._begin(RULES[int(form["rule_id"])], form["script_custom_data"])
                await asyncio.sleep(HUNG_S)
                return web.Response(status=504)
            case "error":
                return web.json_response({"error": {"code": 150, "msg": "Internal error"}}, headers=_date())
        return web.json_response(self._answer(method, form), headers=_date())

    def _answer(self, method: str, form: dict[str, str]) -> dict[str, object]:
        match method:
            case "StartScenarios":
                number = self._begin(RULES[int(form["rule_id"])], form.get("script_custom_data", ""))
                return {
                    "result": 1, "call_session_history_id": FIRST + number,
                    "media_session_access_secure_url": self._url(number),
                }  # fmt: skip
            case "GetKeyValueItems":
                first = int(form.get("offset", 0))
                return {"result": [self._row(each) for each in self._announced[first : first + int(form["count"])]]}
            case "GetKeyValueItem":
                return {"result": self._row(int(form["key"].rpartition(":")[2]) - FIRST)}
            case "GetCallHistory":
                rows = [self._history(each) for each in self._asked(form)]
            case "GetApplications":
                rows = [{"application_id": APPLICATION, "application_name": "soak.account.voximplant.com"}]
            case "GetRules":
                about = {"application_id": APPLICATION, "scenarios": []}
                rows = [{"rule_id": number, "rule_name": name, **about} for number, name in RULES.items()]
            case "GetAccountInfo":
                return {"result": {"account_id": 1, "account_name": "account", "currency": "USD"}}
            case _:
                rows = []
        return {"result": rows, "total_count": len(rows), "count": len(rows)}

    def _asked(self, form: dict[str, str]) -> list[int]:
        """Return the numbers of the sessions that a look into the history asks for: by their ids, or all of a rule."""
        ids = [int(each) - FIRST for each in form.get("call_session_history_id", "").split(";") if each]
        if ids:
            return [each for each in ids if 0 <= each < len(self._sessions)]
        rule = form.get("rule_name", OBEDIENT)
        return [number for number, each in enumerate(self._sessions) if each.rule == rule and not each.announces][-200:]

    def _begin(self, rule: str, data: str, *, announces: bool = False) -> int:
        self._sessions.append(_Session(rule, data, time.time() - 3600 * announces, announces))
        return len(self._sessions) - 1

    def _fault(self, what: str) -> str | None:
        drawn = self._random.random() if self._unlucky else 1.0
        fault = "hang" if drawn < HANGS else "error" if drawn < HANGS + ERRS else None
        if fault is not None:
            self._faults[f"{what} {fault}"] += 1
        return fault

    def _url(self, number: int) -> str:
        return f"{self.base}/request/{number}/{self._mark}{number:x}"

    def _row(self, number: int) -> dict[str, object]:
        """Return a session's announcement, signed; its beat is of the last minute, or as old as its silence."""
        session = self._sessions[number]
        now, pause = session.silent_since or int(time.time()), HOTLINE_BEAT_S if session.rule == HOTLINE else BEAT_S
        beat = now - (now - number) % pause
        text = json.dumps(
            {
                "beat": beat, "calls": 1, "v": 1, "url": self._url(number),
                "session": str(FIRST + number), "data": session.data, "started": int(session.began),
            },
            separators=(",", ":"),
        )  # fmt: skip
        signature = hmac.digest(self._secret, text.encode(), "sha256").hex()
        value = f'{text[:-1]},"hmac":"{signature}"}}'
        return {"key": f"session-bot:{FIRST + number}", "value": value, "expires_at": beat + 3 * BEAT_S}

    def _history(self, number: int) -> dict[str, object]:
        session = self._sessions[number]
        row: dict[str, object] = {
            "call_session_history_id": FIRST + number, "account_id": 1, "application_id": APPLICATION,
            "application_name": "soak.account.voximplant.com", "rule_name": session.rule,
            "start_date": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(session.began)),
            "custom_data": session.data, "active": session.ended is None, "log_file_url": "",
        }  # fmt: skip
        if session.ended is not None:
            row |= {"duration": int(session.ended - session.began), "finish_reason": "Normal termination"}
        return row


def _date() -> dict[str, str]:
    return {"Date": formatdate(usegmt=True)}


async def serve(certificate: str, secret: str, mark: str, seed: int) -> None:
    """Serve until the process is ended."""
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    platform = SoakPlatform(secret.encode(), mark, seed)
    runner = web.AppRunner(platform.application(), access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls, backlog=1024)
    await site.start()
    platform.base = f"https://127.0.0.1:{runner.addresses[0][1]}"
    print(platform.base, flush=True)  # noqa: T201 - for the run
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:4], int(sys.argv[4])))
