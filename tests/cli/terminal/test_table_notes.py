"""A table of sessions at a terminal, and what is said beside it."""

import pytest

from bot.cli.terminal._command import OutputOptions, _TerminalOutput
from bot.ports import Response


def test_what_a_table_lacks_is_said_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The rows stand for the first line; the lines behind it go to standard error, so that the table stays one."""
    here = _TerminalOutput("session-bot", OutputOptions(json=False, table=True))
    here.show_notes(
        [Response(text="2 sessions are open."), Response(text="More than 1000 are open.\nThe newest stand.")]
    )
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "The newest stand.\n")
