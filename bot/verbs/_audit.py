"""audit: commands with actors and outcomes – denials and refusals included – a page at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.ports import (
    Context,
    Denied,
    Intent,
    Offer,
    Outcome,
    Right,
    SessionRef,
    UsageProblem,
    Verb,
    in_one_style,
    session_name,
    session_ref,
)
from bot.process import scrub
from bot.text import (
    BOT,
    DURATION_FORMS,
    SCENARIO,
    UnclosedQuote,
    channel,
    code,
    cut,
    duration,
    duration_words,
    first_line,
    first_word,
    flat,
    moment,
    person,
    shortened,
    strong,
    typed_duration,
)
from bot.verbs._lookup import session_for
from storage import Connection, audit, sessions
from storage.audit import Line, Page
from storage.records import Session

PAGE: Final = 15
WORDS_SHOWN: Final = 300
NOBODY: Final = (BOT, SCENARIO, "history", "platform")
"""The actors that are no people: their changes of a session are nobody's secret."""

_DEFAULT: Final = "24h"
_LONGEST: Final = timedelta(days=3650)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Whose lines: one session's, or this channel's; since when; and older than which line."""

    id: SessionRef | None
    since: timedelta
    before: int | None


@dataclass(frozen=True)
class Audit(Intent):
    """Which lines."""

    which: Lines


@dataclass(frozen=True)
class _AuditSelection:
    """An id, `since=` and `before=`, in any order, each at most once."""

    name: str = "which"
    usage: str = "[id] [since=24h]"

    def read(self, text: str) -> tuple[Lines, str]:
        """Read the whole text; raises UsageProblem."""
        given: dict[str, str] = {}
        text = in_one_style(text, ("since", "before"))
        while text.strip():
            try:
                word, text = first_word(text)
            except UnclosedQuote as problem:
                raise UsageProblem(str(problem)) from None
            name, equals, value = word.partition("=")
            key = name.casefold() if equals else "id"
            if key not in {"id", "since", "before"} or key in given:
                raise UsageProblem(f"{cut(word, 80)} is not understood: an id and {code('since=')} is all it takes.")
            given[key] = value if equals else word
        since = _since(given.get("since", _DEFAULT))
        return Lines(id=_id(given.get("id")), since=since, before=_before(given.get("before"))), ""

    def of_words(self, words: Sequence[str]) -> Lines:
        """Read the words of a shell; raises UsageProblem."""
        return self.read(" ".join(words))[0]

    def write(self, value: Lines) -> str:
        """Return the id and the options."""
        before = "" if value.before is None else f"before={value.before}"
        about = "" if value.id is None else value.id.typed
        return " ".join(filter(None, (about, f"since={typed_duration(value.since)}", before)))


def _id(text: str | None) -> SessionRef | None:
    ref = None if text is None else session_ref(text)
    if text is not None and ref is None:
        raise UsageProblem(f"{cut(text, 80)} is not a session's id; an id is a number such as {code('7')}.")
    return ref


def _since(text: str) -> timedelta:
    since = duration(text)
    if since is None or since > _LONGEST:
        forms = f"{DURATION_FORMS}, {_LONGEST.days:,} days at most"
        raise UsageProblem(f"{cut(text, 80)} is not a time that {code('since=')} takes: {forms}.")
    return since


def _before(text: str | None) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise UsageProblem(f"{cut(text, 80)} is not the number of a line, which {code('before=')} takes.")
    return int(text)


async def run(audit_: Audit, context: Context) -> Outcome:
    """Return one page; without the grant, only the asker's own lines."""
    which = audit_.which
    session = None if which.id is None else await session_for(context, which.id)
    denied = await _others(session, context)
    page = await context.services.store.read(lambda db: _page(db, which, session, context, only_own=bool(denied)))
    hidden = await _unseen(page, context)
    about = session_name(session) if session else channel(context.request.channel)
    head = f"{strong('Audit')} of {about}, the last {duration_words(which.since)}: {_counted(page)}."
    note = [] if denied is None else [f"Only what you did is shown. {denied}"]
    text = "\n".join([head, *note, *(_line(each, context.request.actor, hidden) for each in page.lines)])
    return Outcome(says=text, offers=_older(which, page))


def _page(db: Connection, which: Lines, session: Session | None, context: Context, *, only_own: bool) -> Page:
    request, since, before = context.request, context.services.clock.now() - which.since, which.before
    if session is None:
        by, of = request.actor if only_own else None, request.channel
        return audit.of_channel(db, team=request.team, channel=of, since=since, by=by, before=before, limit=PAGE)
    known = (request.actor, *NOBODY) if only_own else None
    return audit.of_session(db, team=request.team, session=session.id, since=since, by=known, before=before, limit=PAGE)


async def _others(session: Session | None, context: Context) -> str | None:
    """Return the reason why other people's lines may not be shown; None when they may."""
    policy = context.services.policy
    try:
        if session is None:
            await policy.allow(context.request, Right.audit)
        else:
            await policy.allow_session(context.request, Right.audit, session)
    except Denied as denied:
        return denied.sentence.replace(" Nothing was done.", "")  # what is one's own is shown
    return None


async def _unseen(page: Page, context: Context) -> frozenset[int]:
    """Return the sessions in these lines that the asker may not see, such as a private channel's."""
    ids = {line.session for line in page.lines if line.session is not None}
    about = await context.services.store.read(lambda db: [sessions.get(db, each) for each in sorted(ids)])
    seen = [each.id for each in about if each is not None and await context.services.policy.sees(context.request, each)]
    return frozenset(ids.difference(seen))


def _counted(page: Page) -> str:
    if page.total == 0:
        return "no lines"
    shown = f"{len(page.lines)} of " if len(page.lines) != page.total else ""
    left = f", newest first; {_number(page.left)} are older" if page.left else ", newest first"
    return f"{shown}{_number(page.total)} {'line' if page.total == 1 else 'lines'}{left if page.total > 1 else ''}"


def _number(counted: int) -> str:
    return str(counted) if counted <= audit.COUNTED else f"more than {audit.COUNTED:,}"


def _line(line: Line, asker: str, hidden: frozenset[int]) -> str:
    """Return a line; for a session that the asker may not see, without its number and its responses."""
    is_hidden = line.session in hidden
    who = person(line.actor) if line.actor not in NOBODY else f"the {line.actor}"
    about = "" if line.session is None or is_hidden else f" · #{line.session}"
    what = line.verb or line.subject
    became = f"{line.was} → {line.became}" if line.was else line.became
    words = f": {_words(line.words)}" if line.words and (not is_hidden or line.actor == asker) else ""
    return f"• {moment(line.at)} · {who} · {what}{about} · {strong(became)}{words}"


def _words(text: str) -> str:
    """Return the first line of a response; the others may be about other sessions."""
    return shortened(scrub(flat(first_line(text)[0])), WORDS_SHOWN)


def _older(which: Lines, page: Page) -> tuple[Offer, ...]:
    if not page.left or not page.lines:
        return ()
    return (Offer(label="Older", intent=Audit(replace(which, before=page.lines[-1].id))),)


VERB = Verb(
    name="audit",
    takes=Audit,
    arguments=(_AuditSelection(),),
    summary="Show what was done here, by whom, and what came of it.",
    details=(
        "Of one session, or of this channel; refused and denied commands are lines, too. Only you see the answer. "
        f"Other people's lines need a grant of {code('audit')}. Example: {code('audit 7 since=2d')}."
    ),
    right=Right.look,
    run=run,
)
