"""The rules of the account in one table: which would stop, which would not, and what to do about those."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.scenario.check._data import as_data
from bot.cli.scenario.check._report import Report
from bot.cli.scenario.check._rules import RuleRow
from bot.cli.scenario.check._table import show, verdict_style
from bot.cli.scenario.check._words import table_lines
from bot.text import harmless_line
from storage.scenario_checks import Verdict


def show_account(console: Console, rows: Sequence[RuleRow], *, every: bool) -> None:
    """Print the table, and what to write or to run; of one rule its whole report. `every` says that these are all."""
    if not rows:
        console.print("The account has no rules.")
        return
    if len(rows) == 1 and rows[0].report is not None:
        show(console, rows[0].report, f"{rows[0].rule.name} (rule {rows[0].rule.id})", rows[0].name)
        return
    good = sum(row.report is not None and row.report.is_good for row in rows)
    console.print(Text(f"{good} of {len(rows)} rules would stop.\n", style="bold"), soft_wrap=True)
    console.print(_table(rows))
    for line in _to_do(rows, every=every):
        console.print(Text(line), soft_wrap=True)


def account_data(rows: Sequence[RuleRow]) -> dict[str, Any]:
    """Return the rows as JSON can hold them."""
    return {
        "rules": [
            {
                "rule_id": row.rule.id,
                "rule": row.rule.name,
                "application": row.rule.application_name,
                "scenarios": [each.name for each in row.rule.scenarios or ()],
                **(_unchecked(row) if row.report is None else as_data(row.report)),
            }
            for row in rows
        ]
    }


def _unchecked(row: RuleRow) -> dict[str, Any]:
    return {"verdict": str(Verdict.cannot_tell), "good": False, "why": row.why}


def _table(rows: Sequence[RuleRow]) -> Padding:
    drawn = Table(box=None, pad_edge=False)
    for column in ("rule", "scenarios, in order", "verdict", "why", "with the kit"):
        drawn.add_column(column, overflow="fold")
    for row in rows:
        name = harmless_line(f"{row.rule.name} ({row.rule.id})")
        scenarios = harmless_line(", ".join(each.name for each in row.rule.scenarios or ()))
        if row.report is None:
            verdict, why, kit = Text(str(Verdict.cannot_tell), style=verdict_style(None)), row.why, ""
        else:
            verdict, why = Text(str(row.report.verdict), style=verdict_style(row.report)), row.report.why
            kit = _kit_words(row.report)
        drawn.add_row(Text(name), Text(scenarios), verdict, Text(harmless_line(why)), Text(kit))
    return Padding(drawn, (0, 0, 0, 2))


def _kit_words(found: Report) -> str:
    if found.subject.has_kit:
        return "is bound"
    judged = found.judgement
    return "" if judged is None or judged.with_kit is None else str(judged.with_kit).replace("with the kit", "").strip()


def _to_do(rows: Sequence[RuleRow], *, every: bool) -> Iterator[str]:
    """Yield what to paste for each rule that has a word of its own, and the command for those that the kit mends."""
    works = [
        (row.name, table_lines(row.report.works, row.report.subject.stop, row.name))
        for row in rows
        if row.report is not None and row.report.works is not None
    ]
    if works:
        yield "\nPaste into session-bot.toml:"
    for name, lines in works:
        if name.new_id is None:
            yield f"    # under {harmless_line(name.header)}"
        yield from (f"    {harmless_line(line)}" for line in lines)
    mended = [row for row in rows if row.report is not None and row.report.kit_helps]
    if mended:
        names = " ".join(f"--rule {shlex.quote(row.name.argument)}" for row in mended)
        yield f"\nBind the kit to {'it' if len(mended) == 1 else 'them'}:"
        chosen = "--all" if every and len(mended) == len(rows) else harmless_line(names)
        yield f"    session-bot scenario install {chosen}"
