"""The judgement at the end: what Slack saw, what the platform was asked, and what the database and the files hold."""

import base64
import contextlib
import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.text import code, plain
from tests.benchmarks._figures import quantile
from tests.soak._people import Act
from tests.soak._platform import BULK
from tests.soak._samples import Sample, Samples
from tests.soak._world import SoakWorld

_FINAL: Final = ("done", "asked", "denied", "refused", "failed", "unknown")
_SHOWN: Final = 3
_REASONS_SHOWN: Final = 6
_WORDS_SHOWN: Final = 90
_STARVED: Final = 0.2
_WAL_MB, _LOG_BYTES_A_COMMAND = 16.0, 600.0
_FLAT: Final[Mapping[str, tuple[Callable[[Sample], float], float]]] = {
    "memory, MB": (lambda each: each.memory_mb, 8.0),
    "descriptors": (lambda each: each.descriptors, 8.0),
    "threads": (lambda each: each.threads, 1.0),
    "tasks": (lambda each: each.tasks, 10.0),
    "requests that wait for a lane": (lambda each: each.waiting, 5.0),
}
"""The growth over the second half that counts as none: noise of the allocator, and of what is under way."""


_STOPPED_WITH_OTHERS: Final = """
    select session, command from bulk_sessions join bulks on bulks.id = bulk_sessions.bulk
    union select command_sessions.session, command from command_sessions join commands on commands.id = command
    where verb = 'stop' and commands.session is null and confirmed = 1
"""
"""The sessions of each pressed stop of several, also of one that went out while the database was away."""


@dataclass(frozen=True)
class Verdict:
    """One row of the result; `held` is None where a figure is told and nothing promised."""

    what: str
    must: str
    found: str
    held: bool | None


def acks(acts: Sequence[Act], *, all_acked: bool) -> Iterator[Verdict]:
    """Judge the acks; where the bot was killed one may be missing, since its person is told so by Slack."""
    missed = [each for each in acts if not each.result.acked]
    times = [each.result.ack_seconds * 1000 for each in acts if each.result.acked]
    began = min((each.at for each in acts), default=0.0)
    found = f"{len(missed)} of {len(acts)}{examples(f'{each.typed} after {each.at - began:.0f} s' for each in missed)}"
    yield Verdict("acks missed", "0" if all_acked else "–", found, not missed if all_acked else None)
    shown = ", ".join(f"p{part * 100:g} {quantile(times, part):.0f} ms" for part in (0.5, 0.99, 1.0))
    yield Verdict("ack", "–", shown, None)


def records(world: SoakWorld, acts: Sequence[Act]) -> Iterator[Verdict]:
    """Judge the rows: one for each acked act, each with one final outcome and its trail in the audit."""
    with database(world) as db:
        rows = {row["key"]: dict(row) for row in db.execute("select * from commands")}
        trail = Counter(row[0] for row in db.execute("select command from audit where subject = 'command'"))
        ends = Counter(
            row[0] for row in db.execute(
                f"select command from audit where subject = 'command' and became in ({', '.join('?' * len(_FINAL))})",  # noqa: S608 - our own words
                _FINAL,
            )
        )  # fmt: skip
    lost = [each for each in acts if each.result.acked and each.key is not None and each.key not in rows]
    yield none("acked commands without a row", lost, lambda each: f"{each.via} {each.typed}")
    for via in ("button", "modal"):
        typed = [each for each in acts if each.via == via and each.result.acked and not _is_returned(each)]
        found = sum(row["via"] == via for row in rows.values())
        must = f"≥ {len(typed)}"  # one whose ack was missed has its row as well
        yield Verdict(f"rows by {via} for {len(typed)} acked", must, str(found), found >= len(typed))
    unfinished = [row for row in rows.values() if row["state"] not in _FINAL]
    yield none("commands without a final outcome", unfinished, lambda row: f"{row['verb']} {row['state']}")
    silent = [row for row in rows.values() if not row["outcome"] and row["state"] != "done"]
    yield none("final outcomes without words", silent, lambda row: f"{row['verb']} {row['state']}")
    wrong = [row for row in rows.values() if ends[row["id"]] != 1 or not trail[row["id"]]]
    yield none("commands without one trail in the audit", wrong, lambda row: f"{row['verb']} {ends[row['id']]}")
    states = Counter(row["state"] for row in rows.values())
    yield Verdict("outcomes", "–", ", ".join(f"{n:,} {state}" for state, n in states.most_common()), None)
    done = Counter(f"{row['verb']} by {row['via']}" for row in rows.values() if row["state"] in ("done", "asked"))
    yield Verdict("done", "–", ", ".join(f"{n:,} {what}" for what, n in done.most_common()), None)
    unwanted = [str(row["outcome"]) for row in rows.values() if row["state"] in ("refused", "denied", "failed")]
    why = Counter(re.sub(r"\d+", "7", plain(each))[:_WORDS_SHOWN] for each in unwanted)
    yield Verdict(
        "refused, denied or failed, most often",
        "–",
        "; ".join(f"{n:,} {each}" for each, n in why.most_common(_REASONS_SHOWN)),
        None,
    )


def intents(world: SoakWorld, acts: Sequence[Act], facts: Mapping[str, Any]) -> Iterator[Verdict]:
    """Judge the calls: one at most for each start and send, and one stop's id for each stop; outcomes told are true."""
    starts, sends = facts["starts"], facts["sends"]
    typed = [each for each in acts if each.data is not None]
    doubled = [each for each in typed if starts.get(each.data, 0) > 1]
    yield none(f"starts called twice, of {len(typed):,}", doubled, lambda each: each.typed)
    typed = [each for each in acts if each.body is not None]
    doubled = [each for each in typed if sends.get(each.body, 0) > 1]
    yield none(f"sends sent twice, of {len(typed):,}", doubled, lambda each: each.typed)
    with database(world) as db:
        state_of = dict(db.execute("select key, state from commands").fetchall())
        ids = {str(row[0]): row[1] for row in db.execute("select history_id, id from sessions")}
    asked = Counter(each.session for each in acts if each.session is not None)
    with database(world) as db:
        asked.update(row[0] for row in db.execute(_STOPPED_WITH_OTHERS))
    many = [
        number for number, stop in facts["stops"].items()
        if stop["rule"] == "obedient" and len(set(stop["ids"])) > asked[ids.get(number)]
    ]  # fmt: skip
    yield none(f"sessions asked to stop more often than typed, of {len(facts['stops']):,}", many, str)
    untrue = [
        each for each in acts
        if each.data is not None and starts.get(each.data, 0) != {"done": 1, "failed": 0, "refused": 0}.get(
            state_of.get(str(each.key), ""), starts.get(each.data, 0)
        )
    ]  # fmt: skip
    untrue += [
        each for each in acts
        if each.body is not None and each.key is not None
        and state_of.get(each.key) == "done" and not sends.get(each.body, 0)
    ]  # fmt: skip
    yield none("outcomes told that are not true", untrue, lambda each: f"{each.typed} {state_of.get(str(each.key))}")


def bulk(world: SoakWorld, facts: Mapping[str, Any], *, hang: int) -> Iterator[Verdict]:
    """Judge the bulk stop: each of its sessions was asked, ended or is told of as not confirmed."""
    stopped = [each for each in facts["stops"].values() if each["rule"] == BULK]
    ended = sum(each["ended"] for each in stopped)
    with database(world) as db:
        row = db.execute("select count(*) from bulk_sessions").fetchone()
        told = db.execute("select body from messages where kind = 'summary'").fetchall()
    size = int(row[0])
    found = f"{len(stopped):,} asked, {ended:,} ended, {hang} hang"
    yield Verdict(f"bulk stop of {size:,}: asked or ended", f"{size:,}", found, len(stopped) == size and size > 0)
    summary = plain(next((str(json.loads(each[0]).get("text", "")) for each in told), "")).splitlines()
    yield Verdict("its summary", "–", summary[0][:120] if summary else "none", None)


def leaks(world: SoakWorld, metrics: str) -> Iterator[Verdict]:
    """Judge the secrets: no session's URL, token or response URL in a message, a file of the bot's or a metric."""
    marks = [world.mark, *world.secrets]
    forms = {
        form for each in marks for form in (each.encode(), each.encode("utf-16-le"), base64.b64encode(each.encode()))
    }
    own = {"ca.pem", "platform.pem", "session-bot.toml"}
    places = {
        each.name: each.read_bytes() for each in world.folder.iterdir() if each.is_file() and each.name not in own
    }
    slack = world.slack
    entries = [entry for channel in slack.workspace.channels.values() for entry in channel.entries]
    places["Slack's messages"] = repr([(each.text, each.blocks) for each in entries]).encode()
    places["Slack's calls"] = repr([each.arguments for each in slack.calls]).encode()
    places["metrics"] = metrics.encode()
    leaking = [name for name, content in places.items() if any(form in content for form in forms)]
    size = sum(map(len, places.values())) / 2**20
    yield none(f"places with a secret in clear, {size:,.0f} MB searched", leaking, str)


def machine(samples: Samples, spent_s: float, seconds: float) -> Iterator[Verdict]:
    """Judge whether the machine was quiet enough for a missed ack to be the bot's fault."""
    yield Verdict("the bot's processor time", "–", f"{spent_s:.0f} s of {seconds:.0f}", None)
    yield Verdict("load of the machine", "–", f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores", None)
    starved = samples.starved()
    must, found = f"≤ {_STARVED:.0%}", f"{starved:.1%} of the time"
    yield Verdict("the bot waited for a core; with more, repeat the run", must, found, starved <= _STARVED)


def courses(samples: Samples, commands: int) -> Iterator[Verdict]:
    """Judge the courses over time: flat over the second half, and bounded on disk."""
    for what, (of, noise) in _FLAT.items():
        course = samples.trend(of)
        allowed = max(noise, 0.05 * course.median)
        found = f"median {course.median:,.1f}, peak {course.peak:,.1f}, {course.growth:+,.1f}"
        yield Verdict(f"{what}: growth over the second half", f"≤ {allowed:,.1f}", found, course.growth <= allowed)
    first, last = samples.open_files[0], samples.open_files[-1]
    found = ", ".join(f"{kind} {first[kind]} → {last[kind]}" for kind in sorted({*first, *last}))
    yield Verdict("descriptors by kind, first and last", "–", found, None)
    due = samples.trend(lambda each: each.due)
    found = f"median {due.median:,.0f}, peak {due.peak:,.0f}, {due.growth:+,.0f}"
    yield Verdict("messages that wait for Slack (50 edits a minute)", "–", found, None)
    wal = samples.trend(lambda each: each.wal_mb).peak
    yield Verdict("-wal file, peak", f"≤ {_WAL_MB:g} MB", f"{wal:.1f} MB", wal <= _WAL_MB)
    log = samples.trend(lambda each: each.log_mb).peak * 2**20 / max(commands, 1)
    yield Verdict(
        "log a command", f"≤ {_LOG_BYTES_A_COMMAND:g} bytes", f"{log:,.0f} bytes", log <= _LOG_BYTES_A_COMMAND
    )


def tracebacks(world: SoakWorld) -> Verdict:
    """Judge the log: nothing unexpected went wrong."""
    found = [line for line in world.log_file.read_text("utf-8", "replace").splitlines() if "Traceback" in line]
    return none("tracebacks in the log", found, code)


@contextlib.contextmanager
def database(world: SoakWorld) -> Iterator[sqlite3.Connection]:
    """Open the database of the world, to read it."""
    with contextlib.closing(sqlite3.connect(f"file:{world.database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def none(what: str, found: Sequence[Any], name: Callable[[Any], str]) -> Verdict:
    """Return the verdict that nothing of this kind was found."""
    return Verdict(what, "0", f"{len(found)}{examples(map(name, found))}", not found)


def _is_returned(act: Act) -> bool:
    """Return whether a form was given back with an error beside a field, which is no command yet."""
    return (act.result.ack or {}).get("response_action") == "errors"


def examples(names: Any) -> str:
    """Return the first of some names, in brackets."""
    some = list(names)
    return f" ({'; '.join(some[:_SHOWN])}{' …' if len(some) > _SHOWN else ''})" if some else ""
