"""The telephone network's side, for programs: a POST to `/inbound/<rule>` lets a call come in to a rule.

It is the sandbox's own, beside the Management API and without its credentials: who dials a number has none.
"""

from dataclasses import replace
from typing import Final

from aiohttp import web

from bot.sandbox import let_go, read_form
from bot.sandbox.voximplant._account import Account
from bot.sandbox.voximplant._call_settings import InboundCall
from bot.sandbox.voximplant.engine import Engine

INBOUND_PATH: Final = "/inbound"


class Inbound:
    """Starts a session by each call that comes in."""

    def __init__(self, account: Account, engine: Engine) -> None:
        self._account = account
        self._engine = engine

    def application(self) -> web.Application:
        """Return the aiohttp application of the calls that come in."""
        app = web.Application(middlewares=[let_go])
        app.router.add_post("/{rule}", self._ring)
        return app

    async def _ring(self, request: web.Request) -> web.Response:
        """Answer with the new session's id at the platform; 404 for what is not one rule with a scenario.

        The form may have `from` and `to`: the number of the caller, and the one that was dialled.
        """
        rule = self._account.rule_that_rings(request.match_info["rule"])
        if rule is None:
            return web.json_response({"error": "No rule, or more than one, has this name or id."}, status=404)
        form = await read_form(request)
        inbound = InboundCall()
        inbound = replace(
            inbound,
            caller_id=str(form.get("from", inbound.caller_id)),
            destination=str(form.get("to", inbound.destination)),
        )
        session = self._engine.start(rule, "", inbound=inbound).session
        return web.json_response({"call_session_history_id": session.history_id})
