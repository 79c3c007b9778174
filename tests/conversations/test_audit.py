"""audit: what was done, by whom, and what came of it, as one person may read it."""

import csv
import io
import json
from pathlib import Path

import pytest

from bot.cli.audit import export
from storage.records import CommandState

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "audit"]\nwho = ["{who}"]\n'
REST = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop"]\n'


async def test_everybody_may_read_what_they_did(world: World) -> None:
    """Without the grant one's own lines are shown, refusals included, and the sentence says whose are missing."""
    await world.started()
    await world.says(world.ann, "stop nonsense", expect="not a session's id")
    await world.says(world.bob, "stop 99", expect="No session #99")
    told = await world.says(world.ann, "audit", expect="Audit of")
    assert "Only what you did is shown" in told.text
    assert "grant of audit" in told.text
    assert "start" in told.text
    assert "refused" in told.text
    assert "#99" not in told.text
    assert f"<@{world.bob.id}>" not in told.text
    told = await world.says(world.bob, "audit 1", expect="Audit of #1")
    assert f"<@{world.ann.id}>" not in told.text


async def test_with_the_grant_denials_of_others_are_seen(make_world: MakeWorld) -> None:
    """Who holds the grant sees what everybody did in the channel and to a session, denials included."""
    async with make_world(start=False) as world:
        config = world.folder / "session-bot.toml"
        config.write_text(GRANT.format(who=world.ann.id) + REST)
        await world.start_bot()
        await world.started()
        await world.says(world.bob, "log 1", expect="grant")
        told = await world.says(world.ann, "audit since=1h", expect="Audit of")
        assert f"<@{world.bob.id}> · log · accepted → denied" in told.text
        assert "Only what you did" not in told.text
        told = await world.says(world.ann, "audit 1", expect="Audit of #1")
        assert "starting → running" in told.text
        elsewhere = world.slack.channel("elsewhere", members=[world.ann])
        told = await world.says(world.ann, "audit", channel=elsewhere, expect="Audit of")
        assert "start" not in told.text


async def test_what_does_not_fit_is_counted_and_paged(world: World) -> None:
    """A page says how many lines there are, and a button shows the older ones."""
    for _ in range(10):
        await world.says(world.ann, "list", expect="No session")
    await world.until(lambda: len(world.audit()) >= 20, "the lines")
    told = await world.says(world.ann, "audit", expect="Audit of")
    assert "15 of 21 lines, newest first; 6 are older" in told.text
    assert len([line for line in told.text.splitlines() if line.startswith("• ")]) == 15
    told = await world.presses(world.ann, told, "Older", expect="Audit of")
    assert "lines" in told.text
    first = [line for line in told.text.splitlines() if line.startswith("• ")]
    assert "accepted" in first[-1]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("audit 7", "No session #7"),
        ("audit x", "not a session's id"),
        ("audit since=yesterday", "not a time"),
        ("audit since=0h", "not a time"),
        ("audit since=1h since=2h", "not understood"),
        ("audit before=x", "number of a line"),
        ("audit who=ann", "not understood"),
        ('audit "7', "no end"),
    ],
)
async def test_what_is_not_understood_is_said(world: World, typed: str, says: str) -> None:
    """Each mistake has its sentence, and is a row."""
    await world.says(world.ann, typed, expect=says)
    assert world.commands()[-1].state is CommandState.refused


async def test_an_export_holds_every_line(world: World, tmp_path: Path) -> None:
    """CSV and JSON hold all lines, beside the running bot, and no cell that a spreadsheet would run."""
    await world.started()
    await world.says(world.ann, "stop =2+2", expect="not a session's id")
    lines = world.audit()
    as_csv, as_json = io.StringIO(), io.StringIO()
    assert export({}, tmp_path, "csv", as_csv) == 0
    assert export({"SESSION_BOT_DATABASE": "session-bot.db"}, tmp_path, "json", as_json) == 0
    rows = list(csv.DictReader(io.StringIO(as_csv.getvalue())))
    assert [int(row["id"]) for row in rows] == [line.id for line in lines]
    read = json.loads(as_json.getvalue())
    assert [each["became"] for each in read] == [line.became for line in lines]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be looked at" * 20])
def test_an_export_of_something_else_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """What is not there, or is no database of this bot, is told in a line, and nothing is made or changed."""
    if content is not None:
        (tmp_path / "session-bot.db").write_bytes(content)
    assert export({}, tmp_path, "csv", io.StringIO()) == 2
    assert "session-bot.db" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ([] if content is None else ["session-bot.db"])
