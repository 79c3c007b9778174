"""audit: what was done, by whom, and what came of it, as one person may read it."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.database._audit import export, verify_audit
from bot.text import code, moment, person, strong
from storage import audit
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "audit"]\nwho = ["{who}"]\n'
REST = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop"]\n'


async def test_everybody_may_read_what_they_did(world: World) -> None:
    """Without the grant one's own lines are shown, refusals included, and the sentence says whose are missing."""
    await world.started()
    await world.says(world.ann, "close nonsense", expect="not a session's id")
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
        assert f"<@{world.bob.id}> · log · #1 · accepted → denied" in told.text
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


async def test_very_many_lines_are_not_counted_to_the_last(world: World) -> None:
    """Of more than a thousand lines the page says so, and no number that would take reading them all."""
    with world.database() as connection:
        for _ in range(audit.COUNTED + 20):
            audit.note(
                connection, team=world.slack.team_id, channel=world.ops.id, actor=world.ann.id,
                became="noted", words="x", now=world.clock.now(),
            )  # fmt: skip
    told = await world.says(world.ann, "audit", expect="Audit of")
    assert "15 of more than 1,000 lines, newest first; more than 1,000 are older" in told.text


async def test_a_session_has_its_denials_and_refusals(make_world: MakeWorld) -> None:
    """What was denied or refused about a session is a line of its audit, and its status names who tried."""
    async with make_world(start=False) as world:
        config = f'[[policy.grant]]\nverbs = ["look", "audit", "start", "send"]\nwho = ["{world.ann.id}"]\n'
        (world.folder / "session-bot.toml").write_text(config)
        await world.start_bot()
        await world.started()
        for text in ("stop 1", 'send 1 {"a": 1}', "close 1", "log 1", "stop 1 99"):
            await world.says(world.bob, text, expect="needs a grant of")
        await world.says(world.ann, 'send 1 {"a": 1', expect="Nothing was sent")
        told = await world.says(world.ann, "audit 1", expect="Audit of #1")
        tried = [line for line in told.text.splitlines() if f"<@{world.bob.id}>" in line and "→ denied" in line]
        assert [line.split(" · ")[2] for line in tried] == ["stop", "log", "close", "send", "stop"]
        assert f"<@{world.ann.id}> · send · #1 · accepted → refused" in told.text
        told = await world.says(world.ann, "status 1", expect="Commands")
        done = [line for line in told.text.splitlines() if line.startswith("• ")]
        assert [line.split()[1] for line in done] == ["send", "stop", "log", "close", "send", "stop", "start"]
        assert f"stop by <@{world.bob.id}>" in done[-2]
        assert done[-2].endswith("denied")
        named = [each.session for each in world.audit() if each.became in {"denied", "refused"}]
        assert named == [1] * 6


async def test_every_session_of_a_stop_of_several_has_it(make_world: MakeWorld) -> None:
    """A stop of several, asked about and confirmed, is a line of each of them, also of one that had ended before."""
    config = '[[policy.grant]]\nverbs = ["look", "start", "stop", "audit"]\n'
    async with make_world(config=config) as world:
        await world.started()
        await world.started(person=world.bob)
        told = await world.says(world.ann, "stop 1 2", expect="Stop 2 sessions?")
        next(iter(world.platform.sessions.values())).end()
        await world.until(lambda: world.session(1).state is State.ended, "the end of #1 to be settled")
        await world.presses(world.ann, told, "Stop 2 sessions", expect="1 of 2 sessions were asked to stop")
        await world.told(world.ann, "1 confirmed ended")
        await world.says(world.bob, "stop 1", expect="has ended already")
        for number, came_of_it in ((1, "had ended before"), (2, "confirmed ended")):
            told = await world.says(world.ann, f"status {number}", expect="Commands")
            assert f"stop by <@{world.ann.id}>" in told.text
            assert f", button: {came_of_it}" in told.text  # of its own, whatever became of the others
            told = await world.says(world.ann, f"audit {number}", expect=f"Audit of #{number}")
            assert "calling → done" in told.text
            assert "1 of 2 sessions were asked to stop" in told.text
        told = await world.says(world.ann, "status 1", expect="Commands")
        assert f"stop by <@{world.bob.id}>" in told.text
        (bulk,) = [each for each in world.commands() if each.confirmed]
        assert bulk.session is None


async def test_looking_does_not_crowd_out_what_was_done(world: World) -> None:
    """However often somebody looks at a session, its status goes on showing what was done to it."""
    await world.started()
    for _ in range(12):
        await world.says(world.bob, "status 1", expect="Commands")
    told = await world.says(world.ann, "status 1", expect="Commands")
    assert [line.split()[1] for line in told.text.splitlines() if line.startswith("• ")] == ["start"]


async def test_what_was_shown_is_not_kept(make_world: MakeWorld) -> None:
    """Of what only looks the audit keeps that it was asked: a private channel's session is not read there."""
    async with make_world(start=False) as world:
        carl = world.slack.person("carl")
        config = f"""
[[policy.grant]]
verbs = ["look", "start", "stop", "audit"]
[[policy.grant]]
who = ["{carl.id}"]
verbs = ["everywhere"]
"""
        (world.folder / "session-bot.toml").write_text(config)
        await world.start_bot()
        secret = world.slack.channel("secret", private=True, members=[world.ann, carl])
        await world.says(world.ann, 'start stuck {"customer": "Mr Secret"}', channel=secret, expect="Started")
        for text in ("status 1", "list channel=all", "audit 1", "refresh 1"):
            assert "#1" in (await world.says(carl, text, expect="#1")).text
        told = await world.says(carl, "stop 1", expect="Stop #1?")
        await world.presses(carl, told, "Stop #1", expect="Stop delivered to #1 stuck")
        await world.says(world.bob, "stop 1", expect="No session #1 that you can see")
        told = await world.says(world.bob, "audit", expect="Audit of")
        assert f"<@{carl.id}> · status · accepted → done" in told.text
        assert f"<@{carl.id}> · stop · calling → done" in told.text
        for word in ("Mr Secret", "stuck", "· #1", secret.id):
            assert word not in told.text.replace("No session #1 that you can see", "")
        told = await world.says(carl, "audit", expect="Audit of")
        assert "stop · #1 · calling → done: Stop delivered to #1 stuck." in told.text
        assert "audit · accepted → done: Shown." in told.text
        told = await world.says(world.ann, "audit 1", channel=secret, expect="Audit of #1")
        assert f"<@{world.bob.id}> · stop · #1 · accepted → refused: No session #1 that you can see" in told.text
        assert not any("Mr Secret" in (each.words or "") for each in world.audit())


async def test_no_markup_is_cut_in_two(world: World) -> None:
    """What is too long for a line of the audit is cut between words and mentions, never within one."""
    when = datetime(2026, 11, 20, 14, tzinfo=UTC)
    long = f"{'w' * 270} {person(world.bob.id)} {moment(when)} {strong('b')} {code('c')}"
    with world.database() as connection:
        now = world.clock.now()
        audit.note(
            connection, team=world.slack.team_id, channel=world.ops.id, actor=world.ann.id,
            became="noted", words=long, now=now,
        )  # fmt: skip
    told = await world.says(world.ann, "audit", expect="noted")
    (line,) = [each for each in told.text.splitlines() if "noted" in each]
    assert "&lt;" not in line
    assert line.endswith(f"w <@{world.bob.id}> …")


async def test_what_is_left_out_without_the_grant_is_not_called_undone(world: World) -> None:
    """Showing a part is not doing nothing."""
    told = await world.says(world.ann, "audit", expect="Only what you did is shown")
    assert "grant of audit" in told.text.replace("`", "")
    assert "Nothing was done" not in told.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("audit 7", "No session #7"),
        ("audit x", "not a session's id"),
        ("audit since=yesterday", "not a time"),
        ("audit since=4000d", '"1h30m" or "2d", 3,650 days at most.'),
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
    await world.says(world.ann, "close =2+2", expect="not a session's id")
    lines = world.audit()
    as_csv, as_json = io.StringIO(), io.StringIO()
    assert export(world.environ, tmp_path, "csv", as_csv) == 0
    database = world.environ.get("SESSION_BOT_DATABASE", "session-bot.db")
    assert export({"SESSION_BOT_DATABASE": database}, tmp_path, "json", as_json) == 0
    rows = list(csv.DictReader(io.StringIO(as_csv.getvalue())))
    assert [int(row["id"]) for row in rows] == [line.id for line in lines]
    read = json.loads(as_json.getvalue())
    assert [each["became"] for each in read] == [line.became for line in lines]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_the_audit_is_verified_beside_the_bot(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Verifying prints a head, which is still there after more was done; one that never was is a problem."""
    await world.started()
    first, later = io.StringIO(), io.StringIO()
    assert verify_audit(world.environ, tmp_path, None, first) == 0
    head = first.getvalue().partition("Head: ")[2].split()[0]
    await world.says(world.ann, "close =2+2", expect="not a session's id")
    assert verify_audit(world.environ, tmp_path, head, later) == 0
    assert "The hash that you kept is that of line" in later.getvalue()
    assert verify_audit(world.environ, tmp_path, "0" * 64, later) == 1
    assert verify_audit(world.environ, tmp_path, "short", later) == 2
    assert "--head takes a hash" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"no database at all, but long enough to be looked at" * 20])
@pytest.mark.sqlite
def test_an_export_of_something_else_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """What is not there, or is no database of this bot, is told in a line, and nothing is made or changed."""
    if content is not None:
        (tmp_path / "session-bot.db").write_bytes(content)
    assert export({}, tmp_path, "csv", io.StringIO()) == 2
    assert "session-bot.db" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ([] if content is None else ["session-bot.db"])
