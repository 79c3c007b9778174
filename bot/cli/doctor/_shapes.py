"""Doctor, at Slack: every shape of card, reply, form and Home, checked by Slack's own blocks.validate.

Slack changes its limits; one character over and it refuses a whole message. Nothing is posted or opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.ports import Offer, Response, Row
from bot.slack.api import Refused, SlackProblem, slack_answer
from bot.slack.inbound import home_view
from bot.slack.render import (
    INPUT_LIMIT,
    editor_about,
    editor_form,
    notice_form,
    opening_form,
    render_bulk_alarm,
    render_card,
    render_reply,
    render_response,
    start_form,
)
from bot.verbs import Version
from storage import sessions
from storage.opening import in_memory
from storage.records import Session, State
from storage.sessions import NewSession
from storage.stop import Stop

Shape = tuple[str, Mapping[str, Any]]
"""A name, and the arguments of blocks.validate."""

_LONG: Final = "x" * 5_000
_VALUE: Final = 2_000
_ODD: Final = "<!channel> & `*_~ \u202e"
_NEW: Final = NewSession(
    team="T0",
    channel="C0",
    channel_private=False,
    channel_shared=False,
    rule_id=1,
    rule_name=_ODD + _LONG,
    application_id=1,
    application_name=_LONG,
    starter="U0",
    custom_data=_ODD + _LONG,
)


async def examine_shapes(client: AsyncWebClient, now: datetime, command: str) -> list[Finding]:
    """Validate each shape, one after another; where Slack does not answer, report how many were validated."""
    judged = 0
    found: list[Finding] = []
    for what, arguments in shapes(now, command):
        try:
            says = await _judgement(client, arguments)
        except SlackProblem as silent:
            says = f"Slack judged {judged} shapes of messages and forms, and then no more ({silent})."
            return [*found, warning("shapes", says)]
        judged += 1
        if says is not None:
            found.append(problem("shapes", f"Slack would not take {what}: {says}. Report it with this line."))
    return found or [ok("shapes", f"Slack takes all {judged} shapes of cards, replies, forms and Home.")]


async def _judgement(client: AsyncWebClient, arguments: Mapping[str, Any]) -> str | None:
    """Return Slack's objection, or None. Raises SlackProblem where it does not answer."""
    errors: list[Mapping[str, Any]] = []

    async def asked() -> Any:
        try:
            return await client.api_call("blocks.validate", json=dict(arguments))
        except SlackApiError as refused:
            data = refused.response.data
            errors.extend(data.get("errors") or [] if isinstance(data, dict) else [])
            raise

    try:
        await slack_answer(asked())
    except Refused as refused:
        if not refused.error.startswith("invalid_") or not errors:
            raise
        first = errors[0]
        return f"{first.get('message')} at {first.get('pointer')}"
    return None


def shapes(now: datetime, command: str) -> Iterator[Shape]:
    """Yield every shape there is, each with the longest and oddest contents."""
    accepted = _accepted(now)
    for session in _in_every_state(accepted, now):
        yield f"the card of a session that is {session.state}", {"message": render_card(session)}
    calling = replace(accepted, state=State.running, secure_url=b"sealed", stop=_given_up(now))
    calm = replace(calling, stop=None)
    yield "the card of a session that nobody has stopped", {"message": render_card(calm)}
    yield "what calls for somebody after a stop of many", {"message": render_bulk_alarm(_LONG, range(1, 1_000))}
    yield "a reply with buttons", {"message": render_reply({"text": _LONG, "buttons": True}, calling)}
    response = _list_of(calling)
    yield "a list", {"message": render_response(response)}
    presets = {f"{number} {_LONG}": "{}" for number in range(100)}
    about = editor_about(calling, presets, "form")
    yield "the editor", {"view": editor_form(about, "x" * INPUT_LIMIT, _ODD)}
    yield (
        "the editor of a rule without presets",
        {"view": editor_form(editor_about(calling, {}, "form"), "")},
    )
    yield "the form of a start", {"view": start_form("form", None, command)}
    yield "the form of a start in a channel", {"view": start_form("form", "C0", command)}
    yield "a form that opens", {"view": opening_form("Start a session", "form")}
    yield "a notice", {"view": notice_form("Start a session", _LONG, "form")}
    view = home_view(response, response, channel="C0", as_of="02:14 UTC")
    yield "the Home tab", {"view": view}


def _accepted(now: datetime) -> Session:
    """Return a session's record as a database makes it, from a temporary one."""
    with in_memory() as db:
        return sessions.add(db, _NEW, now=now)


def _given_up(now: datetime) -> Stop:
    return Stop(by="U0", reason=_LONG, command=None, request_id="", asked_at=now, given_up_at=now)


def _in_every_state(accepted: Session, now: datetime) -> Iterator[Session]:
    for state in State:
        yield replace(
            accepted,
            state=state,
            secure_url=None if state.is_final else b"sealed",
            started_at=now,
            history_id=2**53,
            stop=_given_up(now),
            over_max_at=now,
            max_s=timedelta(hours=1).total_seconds(),
            finish_reason=_LONG if state.is_final else None,
            duration_s=1e6,
            cost=Decimal("0.01200"),
            currency="USD",
            last_event=_ODD + _LONG,
        )


def _list_of(session: Session) -> Response:
    offer = Offer(label=_LONG, intent=Version(), danger=True, question=_LONG, value="k" * _VALUE)
    repair = replace(offer, editor=session.id)
    return Response(text=_LONG, rows=(Row(text=_LONG, stoppable=session),) * 10, offers=(offer, offer, repair))
