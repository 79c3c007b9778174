"""The invariants of a world whose bot was killed, or had any other bad luck: nothing is lost, doubled or leaked.

    await until_settled(world)
    assert_nothing_lost(world)

Each invariant is a generator of sentences about what breaks it, over a database, a platform, a Slack or a folder.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from bot.ports._session_words import session_name, state_words
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack import Message as Shown
from bot.sandbox.voximplant import Platform
from storage import audit, bulks, messages, sessions
from storage.command import Command, CommandState
from storage.message import Kind
from storage.records import NEXT, Session, State
from storage.rows import command_of, session_of
from storage.stop import StopState
from tests.conversations.conftest import World

_BROUGHT: Final = {StopState.kept, StopState.on_its_way}
_SETTLED_WITHIN_S: Final = 45

NOTHING_REPEATED: Final[Mapping[int, int]] = {}

UNCONFIRMED: Final = "unconfirmed"
"""The word of a line about a session's stop, beside the lines of its states."""


def assert_nothing_lost(world: World, *, repeated: Mapping[int, int] = NOTHING_REPEATED) -> None:
    """Assert every invariant; `repeated` is how often each message, by its id, may stand in Slack beside itself.

    A message may be repeated where Slack took it and the process was killed before its row knew: an act never.
    """
    with world.database() as connection:
        db = connection
        found = [
            *unfinished(db),
            *wrong_in_audit(db),
            *doubled_at_platform(db, world.platform),
            *wrong_in_slack(db, world.slack, repeated=repeated),
            *leaked(world.folder, world.platform),
        ]
    assert not found, "\n".join(found)


async def until_settled(world: World) -> None:
    """Wait until nothing is under way any more; raise TimeoutError with what still is."""
    left: list[str] = []
    try:
        async with asyncio.timeout(_SETTLED_WITHIN_S):
            while left := waiting(world):  # noqa: ASYNC110 - a database sets no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError("\n".join(left)) from None


def waiting(world: World) -> list[str]:
    """Return sentences about all that is under way."""
    with world.database() as connection:
        db = connection
        return [*unfinished(db), *_being_checked(db)]


def unfinished(db: Database) -> Iterator[str]:
    """Yield every command, session, stop, summary and message that waits for a process."""
    for command in _commands(db):
        if not command.state.is_final:
            yield f"command {command.id} ({command.verb}) is {command.state}"
    for session in _sessions(db):
        if session.state is State.starting:
            yield f"{session.name} is starting"
        if session.stop_state in _BROUGHT:
            yield f"the stop of {session.name} is {session.stop_state}"
    for bulk in bulks.unclosed(db):
        if bulk.told_at is None:
            yield f"the bulk stop of command {bulk.command} is not told"
    for row in db.query("select id, kind, session from messages where shown < wanted and error is null"):
        yield f"message {row['id']} ({row['kind']} of session {row['session']}) is not shown"


def _being_checked(db: Database) -> Iterator[str]:
    for session in _sessions(db):
        if session.stop_state.is_waited_for or (session.end_seen_at is not None and not session.state.is_final):
            yield f"the end of {session.name} is being checked ({session.state}, {session.stop_state})"
        if session.state is State.unknown and session.history_says is None:
            yield f"{session.name} is unknown and was not looked for"


def wrong_in_audit(db: Database) -> Iterator[str]:
    """Yield what the audit lacks, has twice, or has in another order than it happened."""
    lines = audit.lines(db)
    if [line.id for line in lines] != list(range(1, len(lines) + 1)):
        yield "a line of the audit is missing"
    of_commands, of_sessions = _by("command", lines), _by("session", lines)
    for command in _commands(db):
        name = f"command {command.id} ({command.verb})"
        yield from _broken(name, of_commands[command.id], command.state)
        became = [line.became for line in of_commands[command.id]]
        if sum(CommandState(each).is_final for each in became) != 1:
            yield f"{name} has not one outcome in the audit: {became}"
    for session in _sessions(db):
        yield from _broken(session.name, of_sessions[session.id], session.state)
        steps = [(line.was, line.became) for line in of_sessions[session.id] if line.was is not None]
        yield from (f"{session.name} went from {a} to {b}" for a, b in steps if State(b) not in NEXT[State(a)])


def _by(subject: str, lines: list[audit.Line]) -> dict[int, list[audit.Line]]:
    """Return the lines about commands or sessions, by their ids."""
    found = defaultdict[int, list[audit.Line]](list)
    for line in lines:
        if line.subject == subject and line.became != UNCONFIRMED:
            found[int(getattr(line, subject))].append(line)
    return found


def _broken(what: str, lines: list[audit.Line], state: str) -> Iterator[str]:
    """Yield where lines do not join each other, are not in the order of their times, or end elsewhere than the row."""
    before: list[str | None] = [None, *(line.became for line in lines[:-1])]
    in_order = [line.at for line in lines] == sorted(line.at for line in lines)
    if [line.was for line in lines] != before or not in_order or not lines or lines[-1].became != state:
        yield f"{what}, {state}, has these lines in the audit: {[(line.was, line.became) for line in lines]}"


def doubled_at_platform(db: Database, platform: Platform) -> Iterator[str]:
    """Yield what the platform was asked more often than people asked for it, or is said to have been and was not."""
    starts = [command for command in _commands(db) if command.verb in {"start", "again"}]
    called = Counter(
        request.parameters.get("script_custom_data", "")
        for request in platform.requests
        if request.method == "StartScenarios"
    )
    began = Counter(each.parameters.get("script_custom_data", "") for each in platform.starts())
    of = {session.id: session for session in _sessions(db)}
    meant, done, failed = Counter[str](), Counter[str](), Counter[str]()
    for command in starts:
        session = None if command.session is None else of.get(command.session)
        if session is not None:
            data = session.custom_data or ""
            meant[data] += session.called_at is not None
            done[data] += command.state is CommandState.done
            failed[data] += command.state is CommandState.failed
    for data in called | done:
        if not done[data] <= began[data] <= called[data] <= meant[data]:
            yield (
                f"{data!r}: {meant[data]} starts were meant and {done[data]} are done; "
                f"{called[data]} calls came and {began[data]} sessions began"
            )
        if failed[data] and began[data] > meant[data] - failed[data]:
            yield f"{data!r}: {failed[data]} starts are said to have failed, and {began[data]} sessions began"
    yield from _doubled_requests(db, platform)


def _doubled_requests(db: Database, platform: Platform) -> Iterator[str]:
    """Yield sends that came twice, and stops of which more came than were asked for: a repetition has the same id."""
    sent = Counter(each.headers["X-Request-Id"] for each in platform.deliveries if _kind(each.headers) == "send")
    yield from (f"a send came {times} times: {each}" for each, times in sent.items() if times > 1)
    sends = [command for command in _commands(db) if command.verb == "send"]
    perhaps = [each for each in sends if each.state in {CommandState.done, CommandState.unknown}]
    if len(sent) > len(perhaps):
        yield f"{len(sent)} sends came, and {len(perhaps)} are said to have, perhaps"
    if len(sent) < sum(each.state is CommandState.done for each in sends):
        yield f"{len(sent)} sends came, and more are said to have"
    asked = Counter[int]()
    for row in db.query(
        "select asked.session, count(*) as times from (select session, command from command_sessions"
        " union select session, id from commands where session is not null"
        " union select bulk_sessions.session, bulks.command from bulk_sessions join bulks on bulks.id = bulk) as asked"
        " join commands on commands.id = asked.command where verb = 'stop' group by asked.session"
    ):
        asked[row["session"]] = row["times"]
    numbers = {session.history_id: session for session in _sessions(db)}
    ids = defaultdict[int, set[str]](set)
    for each in platform.deliveries:
        if _kind(each.headers) == "stop":
            ids[each.history_id].add(each.headers["X-Request-Id"])
    for history_id, request_ids in ids.items():
        session = numbers.get(history_id)
        times = 0 if session is None else asked[session.id]
        if len(request_ids) > times:
            yield f"h{history_id} got {len(request_ids)} different stops; {times} were asked for"


def _kind(headers: dict[str, str]) -> str:
    return headers.get("X-Session-Bot", "")


def in_slack(slack: LocalSlack) -> Mapping[int, list[Shown]]:
    """Return the messages that stand in Slack, by the ids of their rows."""
    shown = defaultdict[int, list[Shown]](list)
    for channel in slack.workspace.channels.values():
        for each in channel.entries:
            if each.metadata is not None and not each.removed:
                shown[int(each.metadata["event_payload"]["message"])].append(each)
    return shown


def wrong_in_slack(db: Database, slack: LocalSlack, *, repeated: Mapping[int, int] = NOTHING_REPEATED) -> Iterator[str]:
    """Yield rows that Slack does not show, messages that no row knows, and cards that do not tell their row."""
    shown = in_slack(slack)
    for message, copies in shown.items():
        if len(copies) > 1 + repeated.get(message, 0):
            yield f"message {message} stands in Slack {len(copies)} times: {copies[0].text}"
    rows = [messages.get(db, row["id"]) for row in db.query("select id from messages order by id")]
    known = [row for row in rows if row is not None]
    yield from (f"no row knows message {each}" for each in shown.keys() - {row.id for row in known})
    for row in known:
        there = next((each for each in shown.get(row.id, ()) if each.ts == row.ts), None)
        if row.ts is not None and there is None:
            yield f"message {row.id} ({row.kind}) is not in Slack"
        if there is not None and row.kind is Kind.card and row.session is not None:
            yield from _untrue_card(db, row.session, there)
    replies = Counter((row.command, row.session) for row in known if row.kind is Kind.reply and row.direct_of is None)
    for (command, session), times in replies.items():
        if command is not None and session is not None and times > 1:
            yield f"command {command} has {times} replies about session {session}"


def _untrue_card(db: Database, session_id: int, card: Shown) -> Iterator[str]:
    session = sessions.get(db, session_id)
    if session is not None and not (session_name(session) in card.text and f"– {state_words(session)}" in card.text):
        yield f"the card of {session.name}, {state_words(session)}, says: {card.text.partition(chr(10))[0]}"


def leaked(folder: Path, platform: Platform) -> Iterator[str]:
    """Yield every file in which the key of a session's URL stands in clear."""
    keys = {
        url.rsplit("/", 1)[-1].encode()
        for each in platform.started.values()
        for url in (each.access_url, each.access_secure_url)
    }
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(key in content for content in [path.read_bytes()] for key in keys):
            yield f"a session's URL stands in clear in {path.name}"


def _commands(db: Database) -> list[Command]:
    return [command_of(row) for row in db.query("select * from commands order by id")]


def _sessions(db: Database) -> list[Session]:
    return [session_of(row) for row in db.query("select * from sessions order by id")]
