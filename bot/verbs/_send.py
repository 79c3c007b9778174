"""send: exactly the typed JSON, posted once, and the answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports import (
    CannotShow,
    Context,
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
    command_row,
    session_name,
)
from bot.process import scrub
from bot.stops import answer_lines, attempts_words, delivery_words, is_just_started, new_request_id, secrets_of, urls_of
from bot.text import (
    BadJson,
    Understood,
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
from bot.voximplant import SessionAnswer
from bot.voximplant.errors import Gone, OutcomeUnknown, PlatformError
from storage import Connection, commands, sessions
from storage.records import CommandState, Session, State

_YOUNG_PAUSE_S = 0.5


@dataclass(frozen=True)
class Send(Intent):
    """The session, and the typed JSON; without it the editor is opened."""

    id: SessionRef
    json: str | None


async def run(send: Send, context: Context) -> Outcome:
    """Parse the JSON, record that it is on its way, post it once, and return the result."""
    session = await session_here(context, send.id, "send", "sent")
    _refuse_if_it_cannot(session)
    if send.json is None:
        return await _edit(session, context)
    try:
        understood = understand(send.json)
    except BadJson as problem:
        return _not_understood(session, send.json, problem)
    now = context.services.clock.now()
    await context.services.store.write(lambda db: commands.record_sending(db, context.command, session.id, now=now))
    came, attempts = await _post(session, understood.body, context)
    if isinstance(came, PlatformError):
        return _not_delivered(session, understood, came, attempts, context)
    return _delivered(session, understood, came, attempts, context)


def _refuse_if_it_cannot(session: Session) -> None:
    name = session_name(session)
    if session.seems_over:
        raise NotNow(f"{name} is over ({session.finish_reason or session.state}). Nothing was sent.")
    if session.state is State.starting:
        raise NotNow(f"{name} is still starting and has no URL yet. Nothing was sent; try again in a moment.")
    if not session.has_url:
        raise NotNow(f"The bot holds no URL for {name}, which is {strong(session.state)}. Nothing was sent.")


async def _edit(session: Session, context: Context) -> Outcome:
    """Open the editor; where that is impossible, return the typed form."""
    typed = code(f'{context.command_word} send {session.id} {{"key": "value"}}')
    if context.request.dialog is None:
        raise UsageProblem(f"The json is missing. Nothing was sent; type it after the id: {typed}")
    try:
        await context.request.dialog.editor(session, context.services.rules.presets(session.rule_id))
    except CannotShow as problem:
        raise CannotShow(f"{problem.sentence} Nothing was sent; type it instead: {typed}") from None

    def changes(db: Connection) -> None:
        if (command := command_row(db, context)) is not None:
            commands.set_session(db, command, session.id)

    return Outcome(says=f"The editor for {session_name(session)} was opened.", changes=changes, quiet=True)


def json_mistake(problem: BadJson) -> str:
    """Return the place and the kind of the mistake."""
    return f"Line {problem.line}, column {problem.column}: {problem.reason}."


def _not_understood(session: Session, text: str, problem: BadJson) -> Outcome:
    """Return the marked mistake, and the button for the editor with the typed text."""
    says = f"{json_mistake(problem)} Nothing was sent.\n{block(problem.caret)}"
    offer = Offer(label="Open the editor", intent=Send(SessionRef(session.id), None), editor=session.id, draft=text)
    return Outcome(state=CommandState.refused, says=says, offers=(offer,))


async def _post(session: Session, body: bytes, context: Context) -> tuple[SessionAnswer | PlatformError, int]:
    """Post once; again only on a 404 while the session is so young that the 404 may be a delay (facts).

    Returns the result, and the number of attempts.
    """
    request_id, attempts = new_request_id(), 0
    while True:
        try:
            urls = urls_of(session, context.services)
            attempts += 1
            return await context.services.requests.send(urls, body, request_id), attempts
        except PlatformError as problem:
            if not (isinstance(problem, Gone) and is_just_started(session, context.services)):
                return problem, attempts
        await context.services.clock.sleep(_YOUNG_PAUSE_S)


def _delivered(
    session: Session, understood: Understood, answer: SessionAnswer, attempts: int, context: Context
) -> Outcome:
    way = delivery_words(answer, attempts)
    said = answer_lines(answer, session, understood.body, context.services)
    lines = [
        *_what_was_sent(session, understood, person(context.request.actor), context),
        f"{strong('Delivered')}: {way}",
        *said,
    ]
    event = f"{person(context.request.actor)} sent {len(understood.body)} bytes: HTTP {answer.status}."
    says = " ".join([f"Delivered to {session_name(session)}: {way}", *json_doubts(understood.body.decode())])
    return _outcome(session, CommandState.done, says, event, lines, context)


def _not_delivered(
    session: Session, understood: Understood, problem: PlatformError, attempts: int, context: Context
) -> Outcome:
    if isinstance(problem, OutcomeUnknown):
        at = f" at attempt {attempts}" if attempts > 1 else ""
        state, word = CommandState.unknown, f"Perhaps delivered{at}, and not repeated"
    else:
        after = f" after {attempts_words(attempts)}" if attempts > 1 else ""
        state, word = CommandState.failed, f"Not delivered{after}"
    sent = _what_was_sent(session, understood, call(context.request.actor), context)
    lines = [*sent, f"{strong(word)}: {problem.sentence}"]
    event = f"What {person(context.request.actor)} sent was {word[0].lower()}{word[1:]}."
    says = f"{session_name(session)}: {word[0].lower()}{word[1:]}. {problem.sentence}"
    return _outcome(session, state, says, event, lines, context)


def _what_was_sent(session: Session, understood: Understood, by: str, context: Context) -> list[str]:
    shown = block(cut_json(hide_secrets(scrub(mask_all(understood.body)), secrets_of(session, context.services))))
    if not understood.repaired:
        return [f"{by} sent:", shown]
    return [f"{by} sent, after repair ({', '.join(understood.changes)}):", shown]


def _outcome(  # noqa: PLR0917 - the parts of one outcome, each needed once
    session: Session, state: CommandState, says: str, event: str, lines: list[str], context: Context,
) -> Outcome:  # fmt: skip
    def changes(db: Connection) -> Session | None:
        return sessions.note(db, session.id, now=context.services.clock.now(), by=context.request.actor, event=event)

    reply = Reply(text="\n".join(lines), shares=True)
    return Outcome(state=state, says=says, session=session.id, changes=changes, replies={session.id: reply})


_EXAMPLE: Final = code('send 7 {"say": "hello"}')

VERB = Verb(
    name="send",
    takes=Send,
    arguments=(SessionId(), Rest("json")),
    summary="Pass JSON to a running session, exactly as typed.",
    details=(
        f"Without {code('json')} an editor opens. {code('json')} is an object or an array; the scenario gets it as the "
        f"content of {code('AppEvents.HttpRequest')}. "
        "Curly quotes and the like are repaired only when it is no JSON as typed, and the thread shows what "
        f"was understood. Example: {_EXAMPLE}."
    ),
    right=Right.send,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=4), done="sent that to", again="Send again"),
    serial=True,
    form=lambda send: f"Send to {send.id}" if send.json is None else None,
)
