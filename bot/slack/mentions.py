"""Mentions → Request: `@bot stop` in a session's thread, or a typed command behind `@bot` anywhere else.

In the thread a command needs no id: the thread's session is meant. A stop must be meant beyond doubt: only
`stop`, `stop: reason` and `stop because reason` act, and so it is with `close`. Any other text after the word –
"stop is not working, can anyone check?" – does nothing and gets a button. Edits are not run: Slack sends them as
if they were new. Emphasis around the command, its verb or its ids changes nothing: people in a hurry do that.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.emphasis import unwrapped, with_plain_ids
from bot.mrkdwn import code
from bot.rich_text import typed
from bot.slack.listeners import Listeners, moment
from bot.slack.payload import Payload
from bot.slack.whispers import Whisper, Whispers
from bot.slack_text import UnclosedQuote, first_word
from bot.verbs import BY_NAME
from bot.verbs.board import Offer, Telling
from bot.verbs.grammar import session_ref
from bot.verbs.verb import Request, Via
from storage import messages
from storage.store import StorageUnavailable, Store

_DECISIVE: Final = re.compile(r"(?P<verb>stop|close)\b(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
"""What must be meant beyond doubt: it asks a session to end, or closes what is known of it."""

_MEANT: Final = re.compile(r"(?:\s*:(?P<colon>.*)|\s+because\s+(?P<because>.+)|\s*)", re.DOTALL | re.IGNORECASE)
_OWN_ID: Final = re.compile(r"\s+[#s]?(?P<id>[0-9]{1,100})(?!\w)(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_BULK: Final = re.compile(r"stop\s+all(?:\s+\w+=.*)?", re.DOTALL | re.IGNORECASE)
_ADOPT: Final = re.compile(r"[\s*_~`]*adopt\b", re.IGNORECASE)
_WORDS: Final = {
    "stop": ("Stop #{}", "Nothing was stopped"),
    "close": ("Close the record of #{}", "Nothing was closed"),
}
_EMPHASIS: Final = re.compile(r"[\s*_]*")
_TAKES_ID: Final = re.compile(r"<id>|\[id\]")


@dataclass(frozen=True)
class Line:
    """What a mention asks for: the command as it would be typed, or what is answered instead."""

    text: str
    refused: Telling | None = None


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """Listens for mentions of the bot. `bot_user` is the id by which it is mentioned."""

    listeners: Listeners
    whispers: Whispers
    store: Store
    bot_user: str
    command: str

    def register(self, app: AsyncApp) -> None:
        """Listen on the app."""
        app.event("app_mention")(self.listeners.guarded(self._mentioned, self._tell_of))

    async def _mentioned(self, ack: AsyncAck, payload: Payload) -> None:
        """Take one mention. Bolt has acked it: Slack shows nobody what an event's ack carries."""
        await ack()
        event, channel = payload.event, payload.channel
        if not payload.person:
            return  # an app without a user wrote it, and there is nobody to answer
        tell = self._tell_of(payload)
        session = await self._session_of(channel, payload.thread)
        line = read(typed(event.said), self.bot_user, session, self.command)
        if event.is_edited:
            line = replace(line, refused=_not_run(line.refused))
        request = Request(
            **payload.origin,
            channel=channel,
            via=Via.mention,
            key=f"{'edit' if event.is_edited else 'mention'}:{channel}:{event.ts}",
            text=line.text,
            tell=tell,
            typed_at=moment(event.at or event.ts),
            refused=line.refused,
        )

        async def answer(said: Telling | None) -> None:
            if said is not None:
                await tell(said)

        await self.listeners.take(request, answer)

    def _tell_of(self, payload: Payload) -> Whisper:
        return self.whispers.to(payload.person, payload.channel, payload.thread)

    async def _session_of(self, channel: str, thread: str | None) -> int | None:
        """Find whose thread it is; while the database cannot be read, an id must be typed."""
        if thread is None:
            return None
        try:
            return await self.store.read(lambda db: messages.session_of_thread(db, channel, thread))
        except StorageUnavailable:
            return None


def read(text: str, bot_user: str, session: int | None, command: str) -> Line:
    """Read a mention: `text` as it was typed, `session` whose thread it stands in, `command` as people type it."""
    mention = re.search(rf"<@{re.escape(bot_user)}(?:\|[^>]*)?>", text)
    if mention is None:
        return Line(text.strip(), _chatter(session, command))
    before, after = text[: mention.start()], text[mention.end() :]
    emphasised = _EMPHASIS.fullmatch(before)  # the mention too: *@bot stop*
    said = _plain(before + after if emphasised else after)
    if _ADOPT.match(said):
        return Line("adopt", _no_url_here(command))
    if not emphasised:
        return Line(text.strip(), _chatter(session, command))
    return Line(said) if session is None else _in_thread(said, session, command)


def _plain(said: str) -> str:
    """Read a command as if nothing of it were emphasised. What it hands on – JSON, a reason – stays as it is."""
    said = unwrapped(said)
    verb = BY_NAME.get(said.split(maxsplit=1)[0].casefold()) if said else None
    return with_plain_ids(said) if verb is not None and _TAKES_ID.search(verb.usage) else said


def _in_thread(said: str, session: int, command: str) -> Line:
    """Read what is said in a session's thread, where an id may be left out."""
    if _BULK.fullmatch(said):
        return Line(said)  # it asks before it stops anything
    decisive = _DECISIVE.fullmatch(said)
    if decisive is not None:
        return _decided(decisive["verb"].casefold(), decisive["rest"], said, session, command)
    try:
        word, arguments = first_word(said)
    except UnclosedQuote:
        return Line(said)  # dispatch says what is wrong with it
    verb = BY_NAME.get(word.casefold())
    if verb is None or not _TAKES_ID.search(verb.usage):
        return Line(said)
    return Line(f"{word} {_with_id(arguments, session)}".rstrip())


def _with_id(arguments: str, session: int) -> str:
    """Put the thread's id in front, unless another one stands there."""
    try:
        first, _ = first_word(arguments)
    except UnclosedQuote:
        first = ""
    return arguments if session_ref(first) is not None else f"{session} {arguments}"


def _decided(verb: str, rest: str, said: str, session: int, command: str) -> Line:
    """Read a stop, or a close: acted upon only when nothing but a reason follows it."""
    own = _OWN_ID.fullmatch(rest)
    if own is not None and own["id"] == str(session):
        rest = own["rest"]
    meant = _MEANT.fullmatch(rest.rstrip())
    if meant is None:
        return Line(said, _asked(verb, session, command))
    reason = (meant["colon"] or meant["because"] or "").strip()
    if reason and verb == "stop":
        reason = f'"{reason}"'  # one that begins with a number is no id
    return Line(f"{verb} {session} {reason}".rstrip())


def _asked(verb: str, session: int, command: str) -> Telling:
    question, done = _WORDS[verb]
    says = (
        f"{question.format(session)}? {done}: in a thread only {code(verb)}, {code(f'{verb}: reason')} or "
        f"{code(f'{verb} because reason')} is carried out at once. "
        f"For another session, type {code(f'{command} {verb} <id>')}."
    )
    return Telling(text=says, offers=(_offer(verb, session),))


def _chatter(session: int | None, command: str) -> Telling:
    """Answer a message that speaks of the bot and not to it."""
    says = (
        "Nothing was done: a command begins with the mention of this bot, and what to do follows it. "
        f"{code(f'{command} help')} shows the commands."
    )
    return Telling(text=says, offers=() if session is None else (_offer("stop", session),))


def _offer(verb: str, session: int) -> Offer:
    label = _WORDS[verb][0].format(session)
    return Offer(label=label, text=f"{verb} {session}", confirmed=True, danger=True)


def _no_url_here(command: str) -> Telling:
    """Refuse an adopt: the URL that everybody can read now is the key to the session."""
    typed_there = code(f"{command} adopt <url>")
    return Telling(
        text=(
            "Nothing was adopted. Delete your message: whoever reads the URL in it can act on that session. "
            f"Then type {typed_there}; nobody else sees that."
        )
    )


def _not_run(refused: Telling | None) -> Telling:
    """Answer an edit; what was already to be refused keeps its advice."""
    if refused is not None and not refused.offers:
        return refused
    return Telling(text="Edits are not run, so nothing was done now. To have it done, write it again.")
