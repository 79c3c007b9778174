"""The verdicts on the account's rules, kept in the bot's database: verdicts and digests, and no source."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bot.cli.scenario.check._report import Report
from bot.cli.scenario.check._rules import RuleRow
from bot.cli.scenario.check._words import toml_lines
from bot.config import PathKind, Settings, closed_path_words, is_closed, path_kind
from storage import Connection, scenario_checks
from storage.errors import StorageError, StorageUnavailable
from storage.scenario_checks import ScenarioCheck, fingerprint
from storage.store import Store


async def keep(settings: Settings, rows: Sequence[RuleRow], now: datetime) -> str | None:
    """Keep the verdicts; return a sentence about what was not kept, None where all was."""
    path = settings.database
    if isinstance(path, Path) and is_closed(path):
        return f"Nothing was kept: {closed_path_words(path)}"
    if isinstance(path, Path) and path_kind(path) is PathKind.nothing:
        return f"Nothing was kept: there is no database {path}, which SESSION_BOT_DATABASE would name."
    store = Store(path)
    try:
        await store.open()
        try:
            await store.write(lambda db: _keep(db, rows, now))
        finally:
            await store.close()
    except (StorageError, StorageUnavailable, OSError) as problem:
        return f"Nothing was kept in {path}: {str(problem).rstrip('.')}."
    unknown = [row.rule.name for row in rows if row.report is not None and fingerprint(row.scenarios) is None]
    if unknown:
        return f"Not kept of {', '.join(unknown)}: the platform does not say when the scenarios were changed last."
    return None


def _keep(db: Connection, rows: Sequence[RuleRow], now: datetime) -> None:
    for row in rows:
        mark = fingerprint(row.scenarios)
        if row.report is None or mark is None:
            continue
        scenario_checks.keep(db, _kept(row, row.report, now))
        scenario_checks.keep_rule(db, row.rule.id, mark, row.digest)


def _kept(row: RuleRow, found: Report, now: datetime) -> ScenarioCheck:
    judged = found.judgement
    return ScenarioCheck(
        digest=row.digest,
        stop=row.stop,
        verdict=found.verdict,
        with_kit=None if judged is None else judged.with_kit,
        has_kit=found.subject.has_kit,
        works=None if found.works is None else "\n".join(toml_lines(found.works, found.subject.stop)),
        sentence=f"{found.why[:1].upper()}{found.why[1:]}.",
        checked_at=now,
    )
