"""start: one intent, one session – card first, then one call, then the truth about it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlite_utils import Database

from bot.mrkdwn import code, escape
from bot.verbs.delivery import bring_stop
from bot.verbs.errors import UsageProblem
from bot.verbs.grammar import Rest, Word
from bot.verbs.verb import ChosenRule, Context, DoublePress, Outcome, Right, Verb
from bot.voximplant.errors import NotSent, NoUrlGiven, OutcomeUnknown, PlatformError, Refused, TryLater
from bot.voximplant.management import Started
from storage import commands, messages, sessions
from storage.records import CommandState, Session, State

_NOT_SENT_ATTEMPTS = 3
_NOT_SENT_PAUSE_S = 1.0


@dataclass(frozen=True)
class Start:
    """The rule as it was typed, and the custom data untouched."""

    rule: str
    data: str | None


async def run(start: Start, on: Context) -> Outcome:
    """Start a session of a rule: record, place the card, say `calling`, call once, record what came of it."""
    data = _custom_data(start.data, on)
    rule = await on.services.rules.resolve(start.rule)
    if rule.tag:
        data = _tagged(data, on)
    session = await _record(rule, data, on)
    try:
        await on.services.board.place_card(session.id)
    except Exception:
        await _fail(session, on, "Slack did not take this card in time. Nothing was started.")
        raise
    await on.services.store.write(lambda db: _calling(db, session, on))
    try:
        started = await _call(rule.id, data, on)
    except OutcomeUnknown as problem:
        return _unknown(session, problem, on)
    except PlatformError as problem:
        return _failed(session, problem, on)
    return _started(session, started, on)


def _custom_data(data: str | None, on: Context) -> str | None:
    if data is None:
        return None
    if data.startswith(("--", "—")):
        option = code(data.split()[0])
        raise UsageProblem(f"{option} is not an option of `start`, so nothing was started.")
    _within_limit(data, on)
    return data


def _within_limit(data: str, on: Context) -> None:
    try:
        size = len(data.encode())
    except UnicodeEncodeError:
        msg = "The data holds half a character that cannot be sent. Nothing was started."
        raise UsageProblem(msg) from None
    limit = on.services.settings.limits.custom_data_bytes
    if size > limit:
        raise UsageProblem(
            f"The data is {size} bytes, and the platform takes {limit} at a start. Nothing was started. "
            "Start without it, then `send` it to the session.",
        )


def _tagged(data: str | None, on: Context) -> str:
    """Add the tag that this rule asks for, so that its sessions can be told apart in the history."""
    tagged = f"{data or ''}#{secrets.token_hex(4)}"
    _within_limit(tagged, on)
    return tagged


async def _record(rule: ChosenRule, data: str | None, on: Context) -> Session:
    request, now, command = on.request, on.services.clock.now(), on.command
    facts = await on.services.policy.channel(request.channel)
    new = sessions.NewSession(
        team=request.team,
        channel=request.channel,
        channel_private=facts.private,
        channel_shared=facts.shared,
        rule_id=rule.id,
        rule_name=rule.name,
        application_id=rule.application_id,
        application_name=rule.application_name,
        starter=request.actor,
        custom_data=data,
    )

    def job(db: Database) -> Session:
        session = sessions.add(db, new, now=now)
        messages.add_card(db, session.id, request.channel, now=now)
        if command is not None:
            commands.about(db, command, session.id)
        return session

    return await on.services.store.write(job)


def _calling(db: Database, session: Session, on: Context) -> None:
    now = on.services.clock.now()
    if on.command is not None:
        commands.calling(db, on.command, now=now)
    sessions.quietly(db, session.id, called_at=now)


async def _call(rule_id: int, data: str | None, on: Context) -> Started:
    """Call once; again only when the request surely never left (facts: there is no idempotency key)."""
    for attempt in range(1, _NOT_SENT_ATTEMPTS + 1):
        try:
            return await on.services.management.start_scenarios(rule_id, data)
        except NotSent:
            if attempt == _NOT_SENT_ATTEMPTS:
                raise
        await on.services.clock.sleep(_NOT_SENT_PAUSE_S * attempt)
    raise AssertionError


def _started(session: Session, started: Started, on: Context) -> Outcome:
    sealer, now, actor = on.services.sealer, on.services.clock.now(), on.request.actor
    sealed: dict[str, Any] = {
        "secure_url": None if started.urls.secure is None else sealer.seal(started.urls.secure.reveal()),
        "plain_url": None if started.urls.plain is None else sealer.seal(started.urls.plain.reveal()),
    }
    event = " ".join(["Started.", *(f"The platform warns: {escape(each, 200)}" for each in started.warnings)])

    def changes(db: Database) -> Session | None:
        known = started.history_id
        if known is not None and sessions.by_history_id(db, known) is not None:
            known = None  # two sessions cannot be one row of the history: leave it to be looked for
        return sessions.move(
            db, session.id, State.running, by=actor, event=event, now=now,
            started_at=now, history_id=known, **sealed,
        )  # fmt: skip

    async def then(now_running: Session | None) -> None:
        if now_running is not None and now_running.stop_asked_at is not None:
            await bring_stop(now_running, on)

    says = f"Started {session.name} {escape(session.rule)}."
    return Outcome(says=says, session=session.id, changes=changes, then=then)


def _unknown(session: Session, problem: OutcomeUnknown, on: Context) -> Outcome:
    event = "Whether it was started is not known; it is being looked for in the history, never started again."
    says = f"{session.name} {escape(session.rule)}: {escape(problem.sentence)} {event}"
    known = {"history_id": problem.history_id} if isinstance(problem, NoUrlGiven) and problem.history_id else {}
    return _over(session, State.unknown, CommandState.unknown, event, says, on, **known)


def _failed(session: Session, problem: PlatformError, on: Context) -> Outcome:
    pause = problem.retry_after if isinstance(problem, TryLater) else None
    told = "refused" if isinstance(problem, Refused) else "not sent"
    event = f"Nothing was started ({told}): {escape(problem.sentence)}"
    says = f"{session.name} {escape(session.rule)} was not started. {escape(problem.sentence)}"
    if pause is not None:
        says += f" The platform asks to wait {pause:g} s."
    return _over(session, State.failed, CommandState.failed, event, says, on)


def _over(  # noqa: PLR0917 - the parts of one verdict, each needed once
    session: Session, to: State, state: CommandState, event: str, says: str, on: Context,
    **columns: Any,
) -> Outcome:  # fmt: skip
    def changes(db: Database) -> Session | None:
        return sessions.move(db, session.id, to, by="platform", event=event, now=on.services.clock.now(), **columns)

    return Outcome(state=state, says=says, session=session.id, changes=changes)


async def _fail(session: Session, on: Context, event: str) -> None:
    now = on.services.clock.now()
    move = sessions.move
    failed = await on.services.store.write(
        lambda db: move(db, session.id, State.failed, by="bot", event=event, now=now),
    )
    on.services.changes.tell(failed)


VERB = Verb(
    name="start",
    takes=Start,
    arguments=(Word("rule"), Rest("data")),
    summary="Start a session of a rule; its card appears in this channel.",
    details=(
        "`rule` is a rule's number, an alias from the config, or its exact name; a name with spaces goes in "
        "quotes. `data` is passed to the scenario untouched as its custom data (`VoxEngine.customData()`). "
        'Example: `start support {"ticket": 12}`.'
    ),
    right=Right.start,
    run=run,
    double_press=DoublePress(within=timedelta(seconds=30), done="started", again="Start another"),
)
