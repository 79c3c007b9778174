"""The turns of a session: each makes one thing happen in the scenario's context (messages: `js/`)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import methodcaller
from typing import Any, NoReturn

from bot.sandbox.voximplant._call_settings import InboundCall
from bot.sandbox.voximplant.engine._calls import Call
from bot.sandbox.voximplant.engine._effects import Effect, UnreadableError
from bot.sandbox.voximplant.engine._facts import HttpAnswer
from bot.sandbox.voximplant.engine._script import Script


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One turn in the inbox: `during` names its event; `answer` is the future of an HTTP request's answer."""

    act: Callable[[Script], list[Effect]] = field(repr=False)  # Started has the session's URLs
    during: str
    answer: asyncio.Future[HttpAnswer] | None = None
    timer_id: int | None = None


def message_turn(message: Mapping[str, Any], during: str) -> Turn:
    """Return the turn of a message."""
    return Turn(act=methodcaller("turn", message), during=during)


def event_turn(event: str, fields: Mapping[str, Any], answer: asyncio.Future[HttpAnswer] | None = None) -> Turn:
    """Return the turn of an event of `AppEvents`."""
    name = f"Application.{event}"
    message = {"kind": "app", "name": name, "fields": dict(fields)}
    return Turn(act=methodcaller("turn", message), during=name, answer=answer)


def alerting_turn(call_id: str, inbound: InboundCall) -> Turn:
    """Return the turn of `AppEvents.CallAlerting`, with its documented fields but for the call itself."""
    fields = {
        "callerid": inbound.caller_id,
        "destination": inbound.destination,
        "displayName": inbound.display_name,
        "toURI": f"sip:{inbound.destination}@sandbox.invalid",
        "fromURI": f"sip:{inbound.caller_id}@sandbox.invalid",
        "headers": dict(inbound.headers),
        "customData": inbound.custom_data,
        "scheme": "",
    }
    return message_turn({"kind": "alert", "id": call_id, "fields": fields}, "Application.CallAlerting")


def call_turn(call: Call, event: str, fields: Mapping[str, Any]) -> Turn:
    """Return the turn of an event of `CallEvents`; a call that is over has no further ones."""
    name = f"Call.{event}"
    last = not call.is_live
    return message_turn({"kind": "call", "id": call.call_id, "name": name, "last": last, "fields": dict(fields)}, name)


def timer_turn(timer_id: int) -> Turn:
    """Return the turn of a timer that is due."""
    return Turn(act=methodcaller("turn", {"kind": "timer", "id": timer_id}), during="timer", timer_id=timer_id)


def settle_turn(ask_id: int, answer: object) -> Turn:
    """Return the turn of a service's answer; of its error, one that raises it."""
    if isinstance(answer, BaseException):
        error = UnreadableError() if isinstance(answer, ValueError) else answer
        return Turn(act=partial(_raise, error), during="answer")
    return message_turn({"kind": "settle", "id": ask_id, "answer": answer}, "answer")


def _raise(error: BaseException, _: Script) -> NoReturn:
    raise error
