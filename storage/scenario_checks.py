"""Results of scenario checks, found by digests: neither a source nor a stop is kept itself.

A check is of the ordered sources of a rule (`sources_digest`) and of one stop (`stop_digest`): another source, or
another stop in the settings, is not known. Which sources a rule has is read from the platform's list of rules: the
numbers and modification times of its scenarios, in order (`fingerprint`), as they were when the sources were read.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.connection import Connection
from storage.rows import to_column


class Verdict(StrEnum):
    """The simulator's word on whether a stop ends a scenario."""

    stops = "stops"
    """The rule's own stop ends it."""
    stops_otherwise = "stops with another word"
    """The rule's own stop does not end it; another body does, see `ScenarioCheck.works`."""
    stops_with_kit = "stops with the kit"
    """Only the kit ends it: good where the kit is bound, and a thing to install where it is not."""
    does_nothing = "does nothing"
    """No known stop ends it."""
    throws = "throws"
    """It fails before or while it takes the stop, and does not end by it."""
    cannot_tell = "cannot tell"
    """It could not be run far enough to know."""

    @property
    def is_known(self) -> bool:
        """Return whether it says anything about the scenario."""
        return self is not Verdict.cannot_tell


@dataclass(frozen=True, kw_only=True)
class ScenarioCheck:
    """The result of one check.

    `digest` is of the sources as they were run, the kit's included where it `has_kit`; `stop` is the digest of the
    rule's stop. `with_kit` is the verdict with the kit in front, None if that was not tried. `works` is what to write
    into `session-bot.toml` for a stop that ends it, `sentence` the result in one short sentence.
    """

    digest: str
    stop: str
    verdict: Verdict
    with_kit: Verdict | None
    has_kit: bool
    works: str | None
    sentence: str
    checked_at: datetime

    @property
    def listens(self) -> bool:
        """Return whether the rule's stop ends it, as the rule stands."""
        return self.verdict is Verdict.stops or (self.verdict is Verdict.stops_with_kit and self.has_kit)

    @property
    def is_deaf(self) -> bool:
        """Return whether the rule's stop is known not to end it, as the rule stands."""
        return self.verdict.is_known and not self.listens

    @property
    def kit_helps(self) -> bool:
        """Return whether the rule's stop would end it once the kit is bound."""
        mended = self.with_kit in {Verdict.stops, Verdict.stops_with_kit} or self.verdict is Verdict.stops_with_kit
        return self.is_deaf and not self.has_kit and mended


def sources_digest(sources: Iterable[str]) -> str:
    """Return the digest of the sources of a rule, in their order."""
    return _digest(each.encode("utf-8", "surrogatepass") for each in sources)


def stop_digest(body: bytes, content_type: str, path: str = "", method: str = "POST") -> str:
    """Return the digest of a stop; `path` is the suffix and query after the session's URL."""
    return _digest([body, content_type.encode(), path.encode(), method.encode()])


def fingerprint(scenarios: Iterable[tuple[int, str | datetime | None]]) -> str | None:
    """Return the digest of a rule's scenarios, each its number and when it was modified, in their order.

    None where the platform does not say when one was modified: nothing could tell that it is still the same.
    """
    parts = [(number, modified) for number, modified in scenarios]
    if not parts or any(not modified for _, modified in parts):
        return None
    return _digest(f"{number} {to_column(modified)}".encode() for number, modified in parts)


def keep(db: Connection, check: ScenarioCheck) -> None:
    """Record a check, in the place of an earlier one of the same sources and stop."""
    db.execute(
        "insert into scenario_checks (digest, stop, verdict, with_kit, has_kit, works, sentence, checked_at)"
        " values (:digest, :stop, :verdict, :with_kit, :has_kit, :works, :sentence, :checked_at)"
        " on conflict (digest, stop) do update set verdict = excluded.verdict, with_kit = excluded.with_kit,"
        " has_kit = excluded.has_kit, works = excluded.works, sentence = excluded.sentence,"
        " checked_at = excluded.checked_at",
        {name: to_column(value) for name, value in vars(check).items()},
    )


def keep_rule(db: Connection, rule_id: int, rule_fingerprint: str, digest: str) -> None:
    """Record that a rule's scenarios, as long as they have this fingerprint, are the sources of this digest."""
    db.execute(
        "insert into rule_sources (rule_id, fingerprint, digest) values (?, ?, ?)"
        " on conflict (rule_id) do update set fingerprint = excluded.fingerprint, digest = excluded.digest",
        [rule_id, rule_fingerprint, digest],
    )


def of(db: Connection, digest: str, stop: str) -> ScenarioCheck | None:
    """Return the check of these sources with this stop, or None."""
    rows = db.query("select * from scenario_checks where digest = ? and stop = ?", [digest, stop])
    return next((_check(row) for row in rows), None)


def of_rule(db: Connection, rule_id: int, rule_fingerprint: str | None, stop: str) -> ScenarioCheck | None:
    """Return the check that is still true of a rule with this fingerprint and this stop, or None."""
    if rule_fingerprint is None:
        return None
    sql = (
        "select scenario_checks.* from scenario_checks join rule_sources using (digest)"
        " where rule_id = ? and fingerprint = ? and stop = ?"
    )
    return next((_check(row) for row in db.query(sql, [rule_id, rule_fingerprint, stop])), None)


def _check(row: Mapping[str, object]) -> ScenarioCheck:
    with_kit = row["with_kit"]
    return ScenarioCheck(
        digest=str(row["digest"]),
        stop=str(row["stop"]),
        verdict=Verdict(str(row["verdict"])),
        with_kit=None if with_kit is None else Verdict(str(with_kit)),
        has_kit=bool(row["has_kit"]),
        works=None if row["works"] is None else str(row["works"]),
        sentence=str(row["sentence"]),
        checked_at=datetime.fromisoformat(str(row["checked_at"])),
    )


def _digest(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of the parts, each with its length, so that no two lists run into the same bytes."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.hexdigest()
