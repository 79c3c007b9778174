"""send: exactly the typed JSON or text, posted once, and the answer."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.ports import (
    CannotShow,
    Context,
    CutOff,
    DoublePress,
    Intent,
    NotNow,
    Offer,
    Outcome,
    Reply,
    Rest,
    Right,
    SessionId,
    SessionRef,
    UsageProblem,
    Verb,
    VerbatimOption,
    Via,
    command_row,
    session_name,
)
from bot.process import Failpoint, reach, scrub
from bot.stops import answer_lines, attempts_words, delivery_words, is_just_started, new_request_id, secrets_of, urls_of
from bot.text import (
    BadJson,
    block,
    call,
    code,
    cut_json,
    hide_secrets,
    json_doubts,
    mask_all,
    person,
    strong,
    understand,
)
from bot.verbs._lookup import session_here
from bot.voximplant import JSON, TEXT, SessionAnswer
from bot.voximplant.errors import Gone, OutcomeUnknown, PlatformError
from storage import Connection, commands, sessions
from storage.command import CommandState
from storage.records import Session, State

_YOUNG_PAUSE_S = 0.5
_CUT_OFF: Final = "The bot was cut off from its database for too long, so nothing was sent. Type it again."


@dataclass(frozen=True)
class Send(Intent):
    """The session, and the typed JSON, or a text that is sent as it is; without either the editor is opened."""

    id: SessionRef
    json: str | None = field(repr=False)
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Body:
    """The bytes of one send, their content type, and the repairs in words."""

    content: bytes = field(repr=False)
    content_type: str
    changes: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        return self.content_type == TEXT


async def run(send: Send, context: Context) -> Outcome:
    """Parse JSON, record that it is on its way, post it once, and return the result."""
    session = await session_here(context, send.id, "send", "sent")
    _refuse_if_it_cannot(session)
    if send.text is not None:
        if send.json is not None:
            raise UsageProblem(f"Either JSON or {code('--text')} is sent, not both. Nothing was sent.")
        if not send.text and context.request.via is not Via.terminal:
            return await _edit(session, context, as_text=True)
        body = _text_body(send.text)
    elif send.json is None:
        return await _edit(session, context)
    else:
        try:
            understood = understand(send.json)
        except BadJson as problem:
            return _not_understood(session, send.json, problem, context)
        body = _Body(understood.body, JSON, understood.changes)
    now, own = context.services.clock.now(), context.services.owner
    is_ours = await context.services.store.write(
        lambda db: commands.record_sending(db, context.command, session.id, now=now, owner=own)
    )
    if not is_ours:
        raise CutOff(_CUT_OFF)
    reach(Failpoint.calling_marked)
    came, attempts = await _post(session, body, context)
    reach(Failpoint.answer_received)
    if isinstance(came, PlatformError):
        return _not_delivered(session, body, came, attempts, context)
    return _delivered(session, body, came, attempts, context)


def _refuse_if_it_cannot(session: Session) -> None:
    name = session_name(session)
    if session.seems_over:
        raise NotNow(f"{name} is over ({session.finish_reason or session.state}). Nothing was sent.")
    if session.state is State.starting:
        raise NotNow(f"{name} is still starting and has no URL yet. Nothing was sent; try again in a moment.")
    if not session.has_url:
        raise NotNow(f"The bot holds no URL for {name}, which is {strong(session.state)}. Nothing was sent.")


def _text_body(text: str) -> _Body:
    """Return a text as it is sent: in UTF-8, with nothing changed."""
    try:
        return _Body(text.encode(), TEXT)
    except UnicodeEncodeError:
        msg = "The text holds half a character, which cannot be sent. Nothing was sent."
        raise UsageProblem(msg) from None


async def _edit(session: Session, context: Context, *, as_text: bool = False) -> Outcome:
    """Open the editor; where that is impossible, return the typed form."""
    what, rest = ("text", "--text hello") if as_text else ("json", '{"key": "value"}')
    typed = code(f"{context.command_word} send {session.id} {rest}")
    if context.request.dialog is None:
        raise UsageProblem(f"The {what} is missing. Nothing was sent; type it after the id: {typed}")
    try:
        presets = context.services.rules.presets(session.rule_id)
        await context.request.dialog.editor(session, presets, as_text=as_text)
    except CannotShow as problem:
        raise CannotShow(f"{problem.sentence} Nothing was sent; type it instead: {typed}") from None

    def changes(db: Connection) -> None:
        if (command := command_row(db, context)) is not None:
            commands.set_session(db, command, session.id)

    return Outcome(says=f"The editor for {session_name(session)} was opened.", changes=changes, quiet=True)


def json_mistake(problem: BadJson) -> str:
    """Return the place and the kind of the mistake."""
    return f"Line {problem.line}, column {problem.column}: {problem.reason}."


def _not_understood(session: Session, text: str, problem: BadJson, context: Context) -> Outcome:
    """Return the marked mistake, the button for the editor with the typed text, and the way to send it as it is."""
    typed = code(f"{context.command_word} send {session.id} --text …")
    says = f"{json_mistake(problem)} Nothing was sent.\n{block(problem.caret)}\n{typed} sends a text as it is."
    ref = SessionRef(session.id)
    offers = (
        Offer(label="Open the editor", intent=Send(ref, None), editor=session.id, draft=text),
        Offer(label="Send it as text", intent=Send(ref, None, text)),
    )
    return Outcome(state=CommandState.refused, says=says, offers=offers)


async def _post(session: Session, body: _Body, context: Context) -> tuple[SessionAnswer | PlatformError, int]:
    """Post once; again only on a 404 while the session is so young that the 404 may be a delay (facts).

    Returns the result, and the number of attempts.
    """
    request_id, attempts = new_request_id(), 0
    while True:
        try:
            urls = urls_of(session, context.services)
            attempts += 1
            came = await context.services.requests.send(urls, body.content, request_id, content_type=body.content_type)
        except PlatformError as problem:
            if not (isinstance(problem, Gone) and is_just_started(session, context.services)):
                return problem, attempts
        else:
            return came, attempts
        await context.services.clock.sleep(_YOUNG_PAUSE_S)


def _delivered(session: Session, body: _Body, answer: SessionAnswer, attempts: int, context: Context) -> Outcome:
    way = delivery_words(answer, attempts)
    said = answer_lines(answer, session, body.content, context.services)
    lines = [
        *_what_was_sent(session, body, person(context.request.actor), context),
        f"{strong('Delivered')}: {way}",
        *said,
    ]
    event = f"{person(context.request.actor)} sent {len(body.content)} bytes: HTTP {answer.status}."
    doubts = () if body.is_text else json_doubts(body.content.decode())
    says = " ".join([f"Delivered to {session_name(session)}: {way}", *doubts])
    return _outcome(session, CommandState.done, says, event, lines, context)


def _not_delivered(session: Session, body: _Body, problem: PlatformError, attempts: int, context: Context) -> Outcome:
    if isinstance(problem, OutcomeUnknown):
        at = f" at attempt {attempts}" if attempts > 1 else ""
        state, word = CommandState.unknown, f"Perhaps delivered{at}, and not repeated"
    else:
        after = f" after {attempts_words(attempts)}" if attempts > 1 else ""
        state, word = CommandState.failed, f"Not delivered{after}"
    sent = _what_was_sent(session, body, call(context.request.actor), context)
    lines = [*sent, f"{strong(word)}: {problem.sentence}"]
    event = f"What {person(context.request.actor)} sent was {word[0].lower()}{word[1:]}."
    says = f"{session_name(session)}: {word[0].lower()}{word[1:]}. {problem.sentence}"
    return _outcome(session, state, says, event, lines, context)


def _what_was_sent(session: Session, body: _Body, by: str, context: Context) -> list[str]:
    if not body.content.strip():
        return [f"{by} sent {'a blank' if body.content else 'an empty'} text."]
    shown = block(cut_json(hide_secrets(scrub(mask_all(body.content)), secrets_of(session, context.services))))
    if body.changes:
        return [f"{by} sent, after repair ({', '.join(body.changes)}):", shown]
    return [f"{by} sent {'text' if body.is_text else ''}".rstrip() + ":", shown]


def _outcome(  # noqa: PLR0917 - the parts of one outcome, each needed once
    session: Session, state: CommandState, says: str, event: str, lines: list[str], context: Context,
) -> Outcome:  # fmt: skip
    def changes(db: Connection) -> Session | None:
        return sessions.note(db, session.id, now=context.services.clock.now(), by=context.request.actor, event=event)

    reply = Reply(text="\n".join(lines), shares=True)
    return Outcome(state=state, says=says, session=session.id, changes=changes, replies={session.id: reply})


_EXAMPLE: Final = code('send 7 {"say": "hello"}')
_TEXT_EXAMPLE: Final = code("send 7 --text command=disconnect")

VERB = Verb(
    name="send",
    takes=Send,
    arguments=(SessionId(), VerbatimOption("text"), Rest("json")),
    summary="Pass JSON or text to a running session, exactly as typed.",
    details=(
        f"Without {code('json')} an editor opens. {code('json')} is an object or an array; the scenario gets it as the "
        f"content of {code('AppEvents.HttpRequest')}. "
        "Curly quotes and the like are repaired only when it is no JSON as typed, and the thread shows what "
        f"was understood. Behind {code('--text')} everything is sent as it is, quotes and line breaks as well. "
        f"Examples: {_EXAMPLE}, {_TEXT_EXAMPLE}."
    ),
    right=Right.send,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=4), done="sent that to", again="Send again"),
    serial=True,
    form=lambda send: f"Send to {send.id}" if send.json is None and not send.text else None,
)
