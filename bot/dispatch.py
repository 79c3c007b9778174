"""The one way in: parse → record → (ack) → authorise → run the verb → record the outcome → tell.

`admit` does what must be done before the ack, and gives the rest as a coroutine. Whatever goes wrong after it
is turned here, and only here, into what people read: what can be said in a sentence is said; anything else
becomes a line in the audit, a short reference for the person and a log line with the traceback.
"""

import asyncio
import contextlib
import hashlib
import logging
import secrets
import weakref
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlite_utils import Database

from bot.mrkdwn import code
from bot.ops import Metrics
from bot.slack_text import UnclosedQuote, first_word
from bot.tasks import Tasks
from bot.verbs.board import Offer, Telling
from bot.verbs.errors import Answerable, UsageProblem
from bot.verbs.help_ import explain, unknown_verb
from bot.verbs.times import ago
from bot.verbs.verb import Context, Outcome, Request, Services, Verb, Via
from bot.voximplant.errors import OutcomeUnknown, PlatformError
from storage import commands, messages, sessions
from storage.commands import Admitted
from storage.records import Command, CommandState, NewCommand, Session
from storage.store import StorageUnavailable

log = logging.getLogger(__name__)

TOO_OLD: Final = timedelta(seconds=60)
WORKING_AFTER_S: Final = 2.0

_UNWRITABLE: Final = "The bot's database cannot be written right now"


@dataclass(frozen=True)
class Admission:
    """What the ack carries (None: an empty ack), and what is to be done after it (None: nothing)."""

    telling: Telling | None
    work: Coroutine[Any, Any, None] | None


@dataclass(frozen=True)
class _Parsed:
    """A line, read: `verb` and `arguments`, or the problem in a sentence."""

    name: str
    verb: Verb | None
    arguments: Any
    problem: str | None
    digest: str


class Dispatch:
    """Takes requests in, whichever way they came."""

    def __init__(self, services: Services, tasks: Tasks, metrics: Metrics) -> None:
        self._services = services
        self._tasks = tasks
        self._metrics = metrics
        self._turns: weakref.WeakValueDictionary[object, asyncio.Lock] = weakref.WeakValueDictionary()

    async def admit(self, request: Request) -> Admission:
        """Parse and record one request, before its ack. Never raises for what a person typed."""
        parsed = self._parse(request)
        try:
            admitted = await self._record(request, parsed)
        except StorageUnavailable as problem:
            return self._unrecorded(request, parsed, problem)
        self._metrics.commands.labels(parsed.name, admitted.command.state).inc()
        if not admitted.fresh:
            return Admission(None, None)
        if parsed.problem is not None:
            return Admission(Telling(text=parsed.problem), None)
        if admitted.twin is not None:
            return Admission(await self._same_again(request, parsed, admitted.twin), None)
        on = Context(request=request, command=admitted.command.id, services=self._services)
        return Admission(None, self._work(parsed, on))

    def resume(self, command: Command, request: Request) -> Coroutine[Any, Any, None] | None:
        """Take up a stop again that an earlier process left half done; None if its words make no sense."""
        parsed = self._parse(request)
        if parsed.verb is None or parsed.problem is not None:
            return None
        return self._work(parsed, Context(request=request, command=command.id, services=self._services))

    def _parse(self, request: Request) -> _Parsed:
        verbs, slash = self._services.verbs, self._services.settings.command
        problem, verb, arguments = None, None, None
        try:
            word, rest = first_word(request.text)
        except UnclosedQuote as unclosed:
            word, rest, problem = "", "", str(unclosed)
        name = word.casefold()
        if not word and problem is None:
            name = "help"
        verb = next((each for each in verbs if each.name == name), None)
        if verb is None and problem is None:
            problem = f"{unknown_verb(verbs, word, rest, command=slash)}\n{explain(verbs, None, command=slash)}"
        if verb is not None:
            try:
                arguments = verb.read(rest)
                problem = self._too_old(request, verb)
            except UsageProblem as wrong:
                problem = f"{wrong.sentence}\nUsage: {code(f'{slash} {verb.usage}')}"
        known = name if verb is not None else "unknown"
        return _Parsed(known, verb, arguments, problem, _digest(known, rest))

    def _too_old(self, request: Request, verb: Verb) -> str | None:
        """Refuse what Slack delivers late, if it changes something: the person has long done something else."""
        now = self._services.clock.now()
        if request.typed_at is None or verb.double_press is None or now - request.typed_at < TOO_OLD:
            return None
        when = ago(request.typed_at, now)
        return f"This was typed {when} and arrives only now, so nothing was done. Type it again."

    async def _record(self, request: Request, parsed: _Parsed) -> Admitted:
        verb = parsed.verb
        new = NewCommand(
            key=request.key,
            verb=parsed.name,
            actor=request.actor,
            team=request.team,
            channel=request.channel,
            via=request.via,
            digest=parsed.digest,
            owner=self._services.owner,
            at=self._services.clock.now(),
            text=request.text if verb is not None and verb.urgent else None,
            confirmed=request.confirmed,
        )
        press = verb.double_press if verb is not None and not request.again else None
        refused = None if parsed.problem is None else parsed.problem.partition("\n")[0]
        return await self._services.store.write(
            lambda db: commands.admit(db, new, window=press.within if press else None, refused=refused),
        )

    def _unrecorded(self, request: Request, parsed: _Parsed, problem: StorageUnavailable) -> Admission:
        """Do nothing that cannot be recorded, except a stop: it goes out, and is recorded later."""
        log.error("a command could not be recorded: %s by %s (%s)", parsed.name, request.actor, problem)
        self._metrics.commands.labels(parsed.name, "unrecorded").inc()
        if parsed.verb is None or parsed.problem is not None or not parsed.verb.urgent:
            says = f"{_UNWRITABLE} ({problem}), so nothing was done. Try again soon."
            return Admission(Telling(text=says), None)
        log.warning("a stop goes out without its record, by %s in %s", request.actor, request.channel)
        says = f"{_UNWRITABLE}; your stop goes out all the same and is recorded later."
        on = Context(request=request, command=None, services=self._services)
        return Admission(Telling(text=says), self._work(parsed, on))

    async def _same_again(self, request: Request, parsed: _Parsed, twin: Command) -> Telling:
        """Say that this was just asked, and offer to mean it."""
        press = parsed.verb.double_press if parsed.verb is not None else None
        when = ago(twin.accepted_at, self._services.clock.now())
        did = press.done if press and twin.session else "being done"
        says = f"Already {did} #{twin.session}, {when}." if twin.session else f"That is {did} already, since {when}."
        offers = (Offer(label=press.again, text=request.text, again=True),) if press else ()
        link = await self._link(twin.session)
        text = f"{says} Nothing was done now.{link}"
        return Telling(text=text, offers=offers)

    async def _work(self, parsed: _Parsed, on: Context) -> None:
        """Authorise, run, record the outcome, tell; nothing that goes wrong gets out of here."""
        nudge = self._tasks.quiet(self._say_working(on))
        try:
            async with self._turn(parsed):
                outcome = await self._outcome(parsed, on)
                finished = await self._finish(outcome, parsed, on)
        finally:
            nudge.cancel()
        await self._tell(outcome, on)
        if outcome.then is not None:
            await self._guarded(outcome.then(finished), on)
        if outcome.afterwards is not None:
            self._tasks.quiet(self._guarded(outcome.afterwards(), on))

    async def _outcome(self, parsed: _Parsed, on: Context) -> Outcome:
        """Run the verb and turn whatever it raises into what people read."""
        if parsed.verb is None:
            raise AssertionError
        try:
            await self._services.policy.allow(on.request, parsed.verb.right)
            return await parsed.verb.run(parsed.arguments, on)
        except Answerable as answer:
            return Outcome(state=answer.state, says=answer.sentence)
        except PlatformError as problem:
            state = CommandState.unknown if isinstance(problem, OutcomeUnknown) else CommandState.failed
            return Outcome(state=state, says=problem.sentence)
        except StorageUnavailable as problem:
            says = f"{_UNWRITABLE} ({problem}), so this was not done. Try again soon."
            return Outcome(state=CommandState.failed, says=says)
        except Exception:  # the person gets the reference, the log its traceback, the audit its line
            reference = secrets.token_hex(4)
            log.exception("unexpected, reference %s, in %s", reference, parsed.name)
            says = f"Something unexpected went wrong; what was done is not certain. Reference: `{reference}`."
            return Outcome(state=CommandState.unknown, says=says)

    async def _finish(self, outcome: Outcome, parsed: _Parsed, on: Context) -> Session | None:
        """Record the outcome, its changes and its replies in one commit."""
        now = self._services.clock.now()

        def job(db: Database) -> Session | None:
            changed = outcome.changes(db) if outcome.changes is not None else None
            if on.command is not None:
                commands.finish(db, on.command, outcome.state, outcome.says, now=now)
            for session_id, reply in outcome.replies.items():
                session = sessions.get(db, session_id)
                if session is not None:
                    messages.add_reply(db, session_id, session.channel, reply.body(), command=on.command, now=now)
            return changed

        self._metrics.commands.labels(parsed.name, outcome.state).inc()
        changed = await self._services.backlog.write(job, f"the outcome of a {parsed.name}")
        self._services.changes.tell(changed)
        self._services.board.nudge()
        self._services.wake_watch()
        return changed

    async def _tell(self, outcome: Outcome, on: Context) -> None:
        link = await self._link(outcome.session)
        await on.request.tell(
            Telling(text=f"{outcome.says}{link}", offers=outcome.offers, rows=outcome.rows),
        )

    async def _link(self, session_id: int | None) -> str:
        if session_id is None:
            return ""
        try:
            card = await self._services.store.read(lambda db: messages.card_of(db, session_id))
        except StorageUnavailable:
            return ""
        address = self._services.board.link(card)
        return f" <{address}|Thread>" if address else ""

    async def _say_working(self, on: Context) -> None:
        await self._services.clock.sleep(WORKING_AFTER_S)
        await on.request.tell(Telling(text="Working on it; the platform has not answered yet."))

    async def _guarded(self, work: Coroutine[Any, Any, None], on: Context) -> None:
        try:
            await work
        except Exception:  # nobody waits for this any more: the log has it, and the person a reference
            reference = secrets.token_hex(4)
            log.exception("unexpected, reference %s, after command %s", reference, on.command)
            says = f"Something unexpected went wrong after that. Reference: `{reference}`."
            await on.request.tell(Telling(text=says))

    @contextlib.asynccontextmanager
    async def _turn(self, parsed: _Parsed) -> AsyncIterator[None]:
        """Let sends of one session go in the order in which they were typed; nothing else waits."""
        if parsed.verb is None or not parsed.verb.serial:
            yield
            return
        lock = self._turns.setdefault(parsed.arguments.id, asyncio.Lock())
        async with lock:
            yield


def _digest(verb: str, rest: str) -> str:
    """Tell the same intent from another without keeping its words."""
    return hashlib.sha256(f"{verb} {' '.join(rest.split())}".encode("utf-8", "surrogatepass")).hexdigest()


def as_recovered(command: Command, request: Request) -> Request:
    """Make the request of a command that is taken up again."""
    return replace(request, via=Via.recovery, text=command.text or "", confirmed=command.confirmed)
