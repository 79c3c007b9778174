"""The line of a session in a list, with its Stop button, and whether a person may see it there."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.ports import (
    Context,
    Right,
    Row,
    beginning_words,
    data_suffix,
    heard_words,
    place_words,
    rule_name,
    state_sign,
    state_words,
)
from bot.process import scrub
from bot.text import duration_words, link, mask, plain, strong, without_numbers
from storage import messages
from storage.message import Message
from storage.records import Session

_AT_ONCE: Final = 100
"""The number of sessions whose rights are looked at in one go: some milliseconds, in which no ack is sent."""


def without_numbers_of(session: Session, digits: int) -> Session:
    """Return a session to be shown with the last digits, so many, of each phone number in its texts.

    Secrets go first: with digits cut off, JSON is none any more, and a URL loses the shape by which it is known.
    """

    def shorten(text: str | None) -> str | None:
        return None if text is None else without_numbers(scrub(mask(text)), digits)

    stop = session.stop and replace(session.stop, reason=shorten(session.stop.reason))
    return replace(
        session,
        rule_name=shorten(session.rule_name),
        alias=shorten(session.alias),
        custom_data=shorten(session.custom_data),
        last_event=without_numbers(scrub(plain(session.last_event)), digits),
        stop=stop,
    )


async def rows_of(sessions: Sequence[Session], context: Context, *, everywhere: bool) -> tuple[Row, ...]:
    """Return a line for each session, with links to their cards."""
    cards = await context.services.store.read(lambda db: {each.id: messages.card_of(db, each.id) for each in sessions})
    return tuple(row(each, cards[each.id], context, everywhere=everywhere) for each in sessions)


def row(session: Session, card: Message | None, context: Context, *, everywhere: bool) -> Row:
    """Return a session's line, with its channel where several are listed (`everywhere`), and its Stop button."""
    address = context.services.board.link(card)
    name = link(address, session.name) if address else session.name
    clock = context.services.clock
    where = place_words(session) if everywhere else ""
    began = beginning_words(session, clock.age(session.started_at or session.created_at))
    heard = "" if (words := heard_words(session, clock)) is None else f", {words}"
    ran = f", ran {duration_words(session.duration)}" if session.seems_over and session.duration is not None else ""
    what = f"{state_sign(session)} {strong(name)} {rule_name(session)} – {strong(state_words(session))}"
    text = f"{what}, {began}{where}{heard}{ran}"
    return Row(text=text + data_suffix(session), stoppable=session, about=session)


async def visible(sessions: Sequence[Session], context: Context) -> list[Session]:
    """Return those of many sessions that may be listed; other commands get their turn in between."""
    seen = []
    for place, each in enumerate(sessions):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        if await may_see(each, context):
            seen.append(each)
    return seen


async def may_see(session: Session, context: Context) -> bool:
    """Return whether a session may be listed: one's own may, in every channel."""
    request, policy = context.request, context.services.policy
    if session.starter == request.actor:
        return True
    return await policy.sees(request, session) and await policy.may(request, Right.look, session)
