"""Run as the wrong user, the program says so in a sentence: it ends with its own exit codes, not with a traceback."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from storage.store import Store
from tests.another_user import IS_ROOT, NOBODY, closed_to_others
from tests.forked import Forked

NOBODY_LISTENS = "http://127.0.0.1:1/"
SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": NOBODY_LISTENS,
    "VOXIMPLANT_API_URL": NOBODY_LISTENS,
    "VOXIMPLANT_ACCOUNT_ID": "1",
    "VOXIMPLANT_API_KEY": "key",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder into which every user may look."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def database_in(folder: Path) -> Path:
    """Make the bot's database."""
    store = Store(folder / "session-bot.db")
    await store.open()
    await store.close()
    return folder / "session-bot.db"


def runs(folder: Path, *arguments: str, **settings: str) -> tuple[int | None, str]:
    """Run the program as another user, who may not read our folders; give its exit code and all that it said."""
    environ = {"PATH": os.environ["PATH"], **SETTINGS, **settings}
    user = NOBODY if IS_ROOT else None
    process = Forked(arguments, environ=environ, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=STDOUT, user=user)
    try:
        said = process.communicate("")
        return process.returncode, said
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *(("SESSION_BOT_DATABASE", each) for each in (["audit"], ["doctor"], ["list"], ["stop", "4"], ["run"])),
        ("VOXIMPLANT_CREDENTIALS", ["stop", "4"]),
        ("VOXIMPLANT_CREDENTIALS", ["doctor"]),
        ("SESSION_BOT_CONFIG", ["stop", "4"]),
    ],
)
async def test_what_is_hidden_is_said_to_be(folder: Path, name: str, arguments: list[str]) -> None:
    """A file in a directory into which this user may not look is named, with what to do, and the exit code is 2."""
    theirs = folder / "theirs"
    theirs.mkdir()
    path = await database_in(theirs) if name == "SESSION_BOT_DATABASE" else theirs / "some.file"
    path.touch()
    closed_to_others(theirs)
    code, said = runs(folder, *arguments, **{name: str(path)})
    theirs.chmod(0o700)
    assert (code, "Traceback" in said) == (2, False), said
    assert f"This user may not look at {path}: run this as the bot's user." in said
    assert arguments == ["audit"] or name in said


@pytest.mark.parametrize("arguments", [["audit"], ["list"], ["stop", "4"]])
async def test_a_database_that_may_not_be_read_is_said_to_be(folder: Path, arguments: list[str]) -> None:
    """A database file of another user is no damaged one: the user is told apart from the file."""
    path = await database_in(folder)
    closed_to_others(path)
    code, said = runs(folder, *arguments)
    assert (code, said) == (2, f"This user may not look at {path}: run this as the bot's user.\n")


async def test_doctor_looks_at_rights_before_it_advises_a_backup(folder: Path) -> None:
    """Nobody is sent to a backup, which would put older records in the place of sound ones, for a lack of rights."""
    path = await database_in(folder)
    (folder / "session-bot.db.key").touch()
    lock = folder / "session-bot.db.owners" / "cli-1.lock"
    lock.parent.mkdir(mode=0o755)
    lock.touch()
    for each in (path, folder / "session-bot.db.key", lock):
        closed_to_others(each)
    code, said = runs(folder, "doctor")
    assert code == 1
    assert f"{lock} is another user's" in said
    assert f"problem database     This user may not look at {path}: run this as the bot's user." in said
    assert "backup" not in said
