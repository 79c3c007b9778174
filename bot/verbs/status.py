"""status: everything that is known of one session, and how fresh it is."""

from dataclasses import dataclass

from bot.json_text import mask
from bot.mrkdwn import channel, code, escape, link, person
from bot.redaction import scrub
from bot.verbs.grammar import Id, SessionRef
from bot.verbs.lookup import session_for
from bot.verbs.names import in_words, rule
from bot.verbs.times import ago, lasting, local
from bot.verbs.verb import Context, Outcome, Right, Verb
from bot.verbs.verdict import truth
from storage import commands, messages
from storage.records import Command, Session

_COMMANDS_SHOWN = 5


@dataclass(frozen=True)
class Status:
    """The session."""

    id: SessionRef


async def run(status: Status, on: Context) -> Outcome:
    """Read the session and its commands."""
    session = await session_for(on, status.id)
    store = on.services.store
    done = await store.read(lambda db: commands.of_session(db, session.id, limit=_COMMANDS_SHOWN))
    card = await store.read(lambda db: messages.card_of(db, session.id))
    address = on.services.board.link(card)
    name = link(address, session.name) if address else session.name
    lines = [f"*{name}* {rule(session)} – *{in_words(session)}*", *_facts(session, on), *_done(done, on)]
    return Outcome(says="\n".join(lines))


def _facts(session: Session, on: Context) -> list[str]:
    now = on.services.clock.now()
    facts = [f"In {channel(session.channel)}, by {person(session.starter)}, {local(session.created_at)}."]
    if session.custom_data is not None:
        facts.append(f"Custom data: {code(scrub(mask(session.custom_data)), 300)}")
    if session.history_id is not None:
        facts.append(f"At the platform: h{session.history_id}, rule {session.rule_id}.")
    if session.stop_asked_at is not None:
        why = f": {escape(session.stop_reason, 300)}" if session.stop_reason else ""
        facts.append(f"Stop asked for by {person(session.stop_by or '')} {ago(session.stop_asked_at, now)}{why}.")
    if session.unconfirmed_at is not None and not session.is_over:
        facts.append(f"That stop is not confirmed. {truth(session)}")
    if session.finish_reason:
        ran = f", after {lasting(session.duration)}" if session.duration is not None else ""
        facts.append(f"Ended: {escape(session.finish_reason)}{ran}{_cost(session)}.")
    facts.append(f"Last: {session.last_event} ({ago(session.changed_at, now)})")
    if not session.state.is_over:
        asked = f"read {ago(session.history_at, now)}" if session.history_at else "not read yet"
        facts.append(f"History: {asked}.")
    return facts


def _cost(session: Session) -> str:
    if session.cost is None:
        return ""
    return f", cost {session.cost.normalize():f} {session.currency or ''}".rstrip()


def _done(done: list[Command], on: Context) -> list[str]:
    now = on.services.clock.now()
    if not done:
        return []
    return [
        "Commands, newest first:",
        *(f"• {each.verb} by {person(each.actor)} {ago(each.accepted_at, now)}: {each.state}" for each in done),
    ]


VERB = Verb(
    name="status",
    takes=Status,
    arguments=(Id(),),
    summary="Show everything known of a session.",
    details="Only you see the answer. Example: `status 7`.",
    right=Right.look,
    run=run,
)
