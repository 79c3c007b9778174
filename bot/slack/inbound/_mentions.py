"""Mentions → Request: `@bot stop` in a session's thread, or a typed command behind `@bot` anywhere else.

In the thread a command needs no id: the thread's session is meant. A stop must be unambiguous: only
`stop`, `stop: reason` and `stop because reason` act, and so it is with `close`. Any other text after the verb –
"stop is not working, can anyone check?" – does nothing and gets a button. Edits are not run: Slack sends them as
if they were new. Emphasis around the command, its verb or its ids changes nothing: people in a hurry do that.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.ports import Intent, Offer, Request, Response, SessionRef, Via, leading_ids
from bot.slack.inbound._listeners import Listeners
from bot.slack.inbound._payload import Payload
from bot.text import UnclosedQuote, code, first_word, typed_text, without_emphasis
from bot.verbs import BY_NAME, Close, Stop, TheseSessions, stop_offer, takes_id
from storage import Connection, messages, sessions
from storage.errors import StorageUnavailable
from storage.store import Store

_DECISIVE: Final = re.compile(r"(?P<verb>stop|close)\b(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
"""The verbs that must be unambiguous: they end a session, or close its record."""

_MEANT: Final = re.compile(r"\s*(?:[:\uff1a](?P<colon>.*)|because\s+(?P<because>.+)|)", re.DOTALL | re.IGNORECASE)
_BULK: Final = re.compile(r"stop\s+all(?:\s+\w+=.*)?", re.DOTALL | re.IGNORECASE)
_ADOPT: Final = re.compile(r"[\s*_~`]*adopt\b", re.IGNORECASE)
_EMPHASIS: Final = re.compile(r"[\s*_]*")
_WITH_DATA: Final = re.compile(r"[\s*_~`]*(?P<verb>send|start)\b", re.IGNORECASE)
_MADE_BY_SLACK: Final = re.compile(r"<(?P<token>[@#!][^<>|]+)(?:\|[^<>]*)?>")
"""A person, channel or group in a message, where Slack put an id in the place of a name; typed letters are escaped."""


@dataclass(frozen=True)
class _Decision:
    """A command that must be unambiguous: its question, the sentence where it was not run, and its intent."""

    question: str
    undone: str
    intent: Callable[[int, str | None], Intent]


_DECISIONS: Final = {
    "stop": _Decision(
        "Stop #{}", "Nothing was stopped", lambda session, reason: Stop(TheseSessions.own(session, reason=reason))
    ),
    "close": _Decision(
        "Close the record of #{}", "Nothing was closed", lambda session, reason: Close(SessionRef(session), reason)
    ),
}


@dataclass(frozen=True)
class Line:
    """The command of a mention: the text behind it, or its certain intent; and the response instead of it."""

    asked: str | Intent = field(repr=False)
    refused: Response | None = None


@dataclass(frozen=True)
class Owner:
    """The session of a thread, by its own number and the platform's."""

    id: int
    history_id: int | None = None

    def __str__(self) -> str:
        return str(self.id)

    def is_meant_by(self, ref: SessionRef) -> bool:
        """Return whether an id typed in the thread is that of its session."""
        return ref.number == self.history_id or (ref.number == self.id and not ref.of_platform)


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """Listens for mentions of the bot. `bot_user` is the id by which it is mentioned, `bot_name` its name."""

    listeners: Listeners
    store: Store
    bot_user: str
    bot_name: str
    command: str

    def register(self, app: AsyncApp) -> None:
        """Register the listener."""
        app.event("app_mention")(self.listeners.guarded(self._mentioned))

    async def _mentioned(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle one mention. Slack shows nobody the body of an event's ack, and brings again what was not acked."""
        event, channel = payload.event, payload.channel
        if not payload.person:
            return  # an app without a user wrote it, and there is nobody to answer
        respond = self.listeners.respond_to(payload)
        session = await self._session_of(channel, payload.thread)
        addressed = None if payload.thread is None else f"@{self.bot_name}"
        line = read(typed_text(event.said), self.bot_user, session, self.command, addressed)
        if event.is_edited:
            line = replace(line, refused=_not_run(line.refused))
        elif (verb := _verb_of_bent_data(line.asked, str(event.said.get("text", "")))) is not None:
            line = replace(line, refused=_bent(verb, self.command))
        request = Request(
            **payload.origin,
            channel=channel,
            via=Via.mention,
            key=f"{'edit' if event.is_edited else 'mention'}:{channel}:{event.ts}",
            asked=line.asked,
            respond=respond,
            typed_at=payload.typed_at,
            refused=line.refused,
            thread=None if session is None else session.id,
            addressed=addressed,
        )

        async def answer(response: Response | None) -> None:
            await ack()
            if response is not None:
                await respond(response)

        await self.listeners.take(request, answer)

    async def _session_of(self, channel: str, thread: str | None) -> Owner | None:
        """Return the session of a thread; None while the database cannot be read: then an id must be typed."""
        if thread is None:
            return None

        def owner(db: Connection) -> Owner | None:
            session = messages.session_of_thread(db, channel, thread)
            found = None if session is None else sessions.get(db, session)
            return None if found is None else Owner(found.id, found.history_id)

        try:
            return await self.store.read(owner)
        except StorageUnavailable:
            return None


def read(text: str, bot_user: str, session: Owner | None, command: str, addressed: str | None = None) -> Line:
    """Return the command of a mention: `text` as typed, in the thread of `session`, `command` as people type it.

    `addressed` is how people write to the bot where no slash command can be typed.
    """
    mention = re.search(rf"<@{re.escape(bot_user)}(?:\|[^<>]*)?>", text)
    if mention is None:
        return Line(text.strip(), _without_command(session, addressed or command))
    before, after = text[: mention.start()], text[mention.end() :]
    emphasised = _EMPHASIS.fullmatch(before)  # the mention too: *@bot stop*
    said = without_emphasis(before + after if emphasised else after)
    if _ADOPT.match(said):
        return Line("adopt", _adopt_refusal(command))
    if not emphasised:
        return Line(text.strip(), _without_command(session, addressed or command))
    return Line(said) if session is None else _in_thread(said, session)


def _in_thread(said: str, session: Owner) -> Line:
    """Return the command of a mention in a session's thread, where an id may be left out."""
    if _BULK.fullmatch(said):
        return Line(said)  # it asks before it stops anything
    decisive = _DECISIVE.fullmatch(said)
    if decisive is not None:
        return _decided(decisive["verb"].casefold(), decisive["rest"], said, session)
    try:
        word, arguments = first_word(said)
    except UnclosedQuote:
        return Line(said)  # dispatch says what is wrong with it
    verb = BY_NAME.get(word.casefold())
    if verb is None or not takes_id(verb):
        return Line(said)
    return Line(f"{word} {_with_id(arguments, session)}")


def _with_id(arguments: str, session: Owner) -> str:
    """Return the arguments with the thread's id in front, unless another id stands there."""
    if leading_ids(arguments)[0]:
        return arguments
    return f"{session} {arguments}" if arguments.strip() else str(session)


def _decided(verb: str, rest: str, said: str, session: Owner) -> Line:
    """Return a stop, or a close: acted upon only when nothing but a reason follows it."""
    refs, behind = leading_ids(rest)
    others = [each for each in refs if not session.is_meant_by(each)]
    meant = None if others else _MEANT.fullmatch((behind if refs else rest).rstrip())
    if meant is None:
        return Line(said, _asked(verb, session, refs if others else ()))
    return Line(_DECISIONS[verb].intent(session.id, (meant["colon"] or meant["because"] or "").strip() or None))


def _asked(verb: str, session: Owner, named: Sequence[SessionRef]) -> Response:
    """Return the question which is meant; `named` are the typed ids, where one is not the thread's own."""
    decision = _DECISIONS[verb]
    says = (
        f"{decision.question.format(session)}? {decision.undone}: in a thread only {code(verb)}, "
        f"{code(f'{verb}: reason')} or {code(f'{verb} because reason')} is carried out at once."
    )
    if not named or verb != "stop":
        return Response(text=says, offers=(_offer(verb, session),))
    return Response(text=f"{says} This is the thread of #{session}.", offers=(stop_offer(named), _offer(verb, session)))


def _without_command(session: Owner | None, command: str) -> Response:
    """Return the response to a message that mentions the bot without a command."""
    says = (
        "Nothing was done: a command begins with the mention of this bot, and what to do follows it. "
        f"{code(f'{command} help')} shows the commands."
    )
    return Response(text=says, offers=() if session is None else (_offer("stop", session),))


def _offer(verb: str, session: Owner) -> Offer:
    decision = _DECISIONS[verb]
    label, intent = decision.question.format(session), decision.intent(session.id, None)
    return Offer(label=label, intent=intent, confirmed=True, danger=True)


def _adopt_refusal(command: str) -> Response:
    """Return the refusal of an adopt: the URL that everybody can read now is the key to the session."""
    typed_there = code(f"{command} adopt <url>")
    return Response(
        text=(
            "Nothing was adopted. Delete your message: whoever reads the URL in it can act on that session. "
            f"Then type {typed_there} in the channel; nobody else sees that."
        )
    )


def _verb_of_bent_data(asked: str | Intent, message: str) -> str | None:
    """Return the verb whose data Slack has changed beyond repair, None where it has not."""
    if not isinstance(asked, str) or (found := _WITH_DATA.match(asked)) is None:
        return None
    made = {f"<{each['token']}>" for each in _MADE_BY_SLACK.finditer(message)}
    return found["verb"].lower() if any(each in asked for each in made) else None


def _bent(verb: str, command: str) -> Response:
    typed = code(f"{command} {verb}")
    done = {"send": "sent", "start": "started"}[verb]
    return Response(
        text="Slack put an id in the place of a name with @ or #, and what you typed is not known any more. "
        f"Nothing was {done}. Type it as {typed}, which Slack leaves as it is."
    )


def _not_run(refused: Response | None) -> Response:
    """Return the response to an edit; a refusal of the same text keeps its advice."""
    if refused is not None and not refused.offers:
        return refused
    return Response(text="Edits are not run, so nothing was done now. To have it done, write it again.")
