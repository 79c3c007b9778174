"""The judgement of what several replicas do together: each intent once, in its order, whichever of them dies."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.process import Failpoint
from tests.soak._judgement import Verdict, database, examples, none
from tests.soak._people import Act
from tests.soak._platform import OBEDIENT, STUBBORN
from tests.soak._world import SoakWorld

_LATE: Final = re.compile(r"recorded(?: now)?: a stop of ((?:#\d+(?:, )?)+)")


def once(
    world: SoakWorld, acts: Sequence[Act], facts: Mapping[str, Any], *, deaths: Sequence[float]
) -> Iterator[Verdict]:
    """Judge sends by their order, and messages and alarms by their number; `deaths` are the ends of processes."""
    key_of = {each.body: each.key for each in acts if each.body is not None and each.key is not None}
    with database(world) as db:
        number_of = dict(db.execute("select key, id from commands").fetchall())
        known = {row[0] for row in db.execute("select id from messages")}
        alarms = db.execute("select session from alarms group by session, kind, message having count(*) > 1").fetchall()
    last = Counter[int]()
    disordered = []
    for session, body in facts["sent"]:
        number = number_of.get(key_of.get(body, ""), 0)
        if number and number < last[session]:
            disordered.append(body)
        last[session] = max(last[session], number)
    yield none(f"sends out of order, of {len(facts['sent']):,}", disordered, str)
    shown = _posts(world)
    again = {number: posts for number, posts in shown.items() if len(posts) > 1}
    lost = {number for number, posts in again.items() if _are_lost(sorted(posts), deaths)}
    words = f"messages that stand twice though no process died between its posts, of {len(shown):,}"
    yield none(words, sorted(again.keys() - lost), lambda number: f"message {number}, {len(again[number])} times")
    found = f"{len(lost)}{examples(f'message {number}' for number in sorted(lost))}"
    yield Verdict("messages that stand twice, the answer to the first post being lost", "–", found, None)
    yield none("messages that no row knows", [each for each in shown if int(each) not in known], str)
    yield none("alarms told twice", alarms, str)


def starts_and_stops(
    world: SoakWorld, acts: Sequence[Act], facts: Mapping[str, Any], *, wanted: int
) -> Iterator[Verdict]:
    """Judge the numbers of starts and stops, by what the platform was asked.

    A stubborn session is stopped again by who sees that its stop was not confirmed.
    """
    typed = [each for each in acts if each.data is not None]
    counts = [facts["starts"].get(each.data, 0) for each in typed]
    called = [each for each in counts if each]
    found = f"{sum(counts):,} of {len(typed):,} typed; the others were told otherwise"
    yield Verdict("starts at the platform", f"≥ {wanted:,}", found, sum(counts) >= wanted)
    mean = sum(called) / max(len(called), 1)
    yield Verdict(
        "starts per intent that was started", "1.000", f"{mean:.3f}, at most {max(called, default=0)}", mean == 1
    )
    stops = facts["stops"].values()
    yield Verdict("sessions asked to stop", f"≥ {wanted:,}", f"{len(stops):,}", len(stops) >= wanted)
    with database(world) as db:
        name_of = {str(row[0]): f"#{row[1]}" for row in db.execute("select history_id, id from sessions")}
    ids = {
        name_of.get(number, number): len(set(each["ids"]))
        for number, each in facts["stops"].items() if each["rule"] != STUBBORN
    }  # fmt: skip
    late = _recorded_late(world)
    yield none(
        f"sessions asked under two ids though their stops could be recorded, of {len(ids):,}",
        [name for name, count in ids.items() if count > 1 and name not in late],
        str,
    )
    mean = sum(ids.values()) / max(len(ids), 1)
    yield Verdict("stops per session, by their ids", "–", f"{mean:.3f}, at most {max(ids.values(), default=0)}", None)
    rest = [count for name, count in ids.items() if name not in late]
    mean = sum(rest) / max(len(rest), 1)
    words = "the same, but for those that went out while the database could not be written"
    yield Verdict(words, "1.000", f"{mean:.3f}, of {len(rest):,}", mean == 1)
    by_rule = Counter(each["rule"] for each in stops)
    found = ", ".join(f"{n:,} {rule}" for rule, n in by_rule.most_common())
    yield Verdict("of them by rule", "–", found, None)
    running = [each for each in stops if each["rule"] == OBEDIENT and not each["ended"]]
    yield none("sessions that were asked to stop and still run", running, str)


def points(killed_at: Mapping[Failpoint, int]) -> Iterator[Verdict]:
    """Judge that the leader was killed at every point; no point is one that a leader cannot pass."""
    for each in Failpoint:
        count = killed_at.get(each, 0)
        yield Verdict(f"leader killed at `{each}`", "≥ 1", str(count), count > 0)


def _posts(world: SoakWorld) -> Mapping[int, list[float]]:
    """Return the moments of the posts that stand in Slack, by the numbers of their messages."""
    posts: dict[int, list[float]] = {}
    for channel in world.slack.workspace.channels.values():
        for entry in channel.entries:
            if entry.metadata is not None and not entry.removed:
                posts.setdefault(int(entry.metadata["event_payload"]["message"]), []).append(float(entry.ts))
    return posts


def _recorded_late(world: SoakWorld) -> set[str]:
    """Return the sessions whose stops went out while they could not be recorded, as the log has it."""
    lines = world.log_file.read_text("utf-8", "replace").splitlines()
    late = (_LATE.search(line) for line in lines if "bot.ports._write_behind" in line)
    return {number for found in late if found is not None for number in found[1].split(", ")}


def _are_lost(posts: Sequence[float], deaths: Sequence[float]) -> bool:
    """Return whether a process died between each post and the next: its answer was not read, or not on record yet."""
    return all(any(post <= death <= then for death in deaths) for post, then in itertools.pairwise(posts))
