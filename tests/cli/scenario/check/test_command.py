"""`session-bot scenario check` as it is typed: its options, its exit codes, and what it prints."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.sandbox.voximplant._account import shipped_scenario
from tests.forked import Forked

NEEDS_DATA = """
const { number } = JSON.parse(VoxEngine.customData());
let call;
VoxEngine.addEventListener(AppEvents.Started, async () => {
  const answer = await Net.httpRequestAsync("https://example.com/numbers?for=" + number);
  call = VoxEngine.callPSTN(JSON.parse(answer.text).call, "1");
});
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => { if (e.content === word) call.hangup(); });
"""


@dataclass(frozen=True)
class Ran:
    """A command that has ended: its exit code, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def typed(folder: Path, *arguments: str) -> Ran:
    """Run the command in a folder, in a process of its own, with no settings at all."""
    environ = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    with TemporaryFile() as out, TemporaryFile() as err:
        command = ["scenario", "check", *arguments]
        code = Forked(command, environ=environ, cwd=folder, stdout=out.fileno(), stderr=err.fileno()).wait(100)
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode())


def written(folder: Path, **files: str) -> None:
    """Write files: the first underscore of a name is a full stop."""
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name the files of a rule's scenarios"),
        (["--all", "--rule", "support"], "--all means every rule"),
        (["--all", "order.js"], "--all means every rule"),
        (["--rule", "support", "--with", "a.js"], "--with is for files"),
        (["order.js", "--stop-method", "PUT"], "--stop-method is POST or GET"),
        (["order.js", "--stop-method", "get", "--stop", "0"], "--stop has no place beside"),
        (["order.js", "--stop-path", "stop"], "--stop-path must begin with /"),
        (["order.js", "--answer", "nothing"], "--answer takes URL=FILE"),
        (["missing.js"], "missing.js cannot be read: No such file or directory."),
        (["order.js", "--data", "\udcff"], "--data holds what is no text in UTF-8"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    """A command line that makes no sense ends with a sentence and exit code 2, and nothing is run."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path, order_js="")
    ended = CliRunner().invoke(app, ["scenario", "check", *arguments])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert words in ended.stderr


def test_a_scenario_that_stops_is_exit_code_0(tmp_path: Path) -> None:
    """A person reads the verdict first, then where it listens, the table, and whose word it is."""
    written(tmp_path, order_js=shipped_scenario("obedient"))
    ended = typed(tmp_path, "order.js")
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[:2] == ["order.js", "  stops: its stop ends it at once"]
    assert any(
        line.split() == ["listens", "order.js", "line", "21,", "registered", "at", "its", "start"] for line in lines
    )
    assert "ends at once, its call hung up" in ended.stdout
    assert lines[-1].startswith("This is the simulator's word, not the platform's.")


def test_everything_a_scenario_needs_can_be_given(tmp_path: Path) -> None:
    """Other scenarios of the rule, data, a back-end's answer, the stop and the moment: and it stops."""
    written(tmp_path, order_js=NEEDS_DATA, first_js='const word = "bye";', answer_json='{"call": "+15550100"}')
    given = ["--data", '{"number": 7}', "--answer", "https://example.com/numbers=answer.json", "--stop", "bye"]
    ended = typed(tmp_path, "order.js", "--with", "first.js", *given, "--seconds", "9", "--no-kit", "--json")
    found = json.loads(ended.stdout)
    # It hangs up and leaves the end to the platform, so that a stop is not confirmed in time.
    assert (ended.returncode, found["verdict"]) == (1, "does nothing")
    assert [each["name"] for each in found["files"]] == ["first.js", "order.js"]
    (stop,) = [each["as_it_is"] for each in found["requests"] if each["kind"] == "the stop"]
    assert (stop["effect"], stop["live_calls"], stop["hung_up_first"]) == ("hangs_up", 1, 1)
    assert found["not_answered"] == []
    lacking = json.loads(typed(tmp_path, "order.js", "--json", "--no-kit").stdout)
    assert lacking["verdict"] == "throws"
    assert any("--data" in each for each in lacking["advice"])


def test_a_file_that_does_not_parse_is_shown_with_its_line(tmp_path: Path) -> None:
    """File, line, column, the line itself and a caret."""
    written(tmp_path, order_js="let a = 1;\nlet b = (;\n")
    ended = typed(tmp_path, "order.js")
    assert ended.returncode == 1
    *_, place, line, caret, _, _ = ended.stdout.splitlines()
    assert place.startswith("order.js line 2, column 10: ")
    assert (line, caret) == ("    let b = (;", "             ^")


def test_a_call_that_comes_in_is_tried_by_itself_and_said(tmp_path: Path) -> None:
    """A scenario that waits for a call is judged by sessions with one, and what the bot's would do is said, too."""
    body = "e.call.answer(); VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());"
    written(tmp_path, order_js=f"VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => {{ {body} }});")
    ended = typed(tmp_path, "order.js", "--no-kit")
    assert ended.returncode == 0
    assert "with a call that comes in" in ended.stdout
    assert "Started by the bot, without such a call, its stop does this: nothing: nobody listens." in ended.stdout
