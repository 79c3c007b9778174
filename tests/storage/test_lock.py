import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import StorageError
from storage.lock import DatabaseInUse, DatabaseLock, OwnerLocks, OwnerTaken, refuse_second_names
from tests.another_user import BECOME_NOBODY, as_root, chowned, closed_to_others, given_to_another

HOLD_DATABASE = """
import sys
from pathlib import Path
from storage.lock import DatabaseLock
lock = DatabaseLock(Path(sys.argv[1]))
print(lock.try_acquire(), flush=True)
sys.stdin.read()
"""
HOLD_OWNER = """
import sys
from pathlib import Path
from storage.lock import OwnerLocks
locks = OwnerLocks(Path(sys.argv[1]))
locks.hold("other")
print(True, flush=True)
sys.stdin.read()
"""


def process_that_holds(program: str, path: Path) -> subprocess.Popen[str]:
    """Start a process and wait for its word that it holds its lock."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    with process:
        assert process.wait() == -signal.SIGKILL


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    """A database's lock is held once, also within one process, and is free again after its release."""
    first, second = DatabaseLock(tmp_path / "bot.db"), DatabaseLock(tmp_path / "bot.db")
    assert first.try_acquire()
    assert first.try_acquire()
    assert not second.try_acquire()
    first.release()
    assert second.try_acquire()
    second.release()
    second.release()


def test_the_lock_stands_beside_its_database(tmp_path: Path) -> None:
    """The lock file is named after the database and readable by its owner only."""
    with DatabaseLock(tmp_path / "bot.db"):
        assert (tmp_path / "bot.db.lock").stat().st_mode & 0o777 == 0o600


def test_the_holder_is_named(tmp_path: Path) -> None:
    """Who finds the database in use is told by which process."""
    lock = DatabaseLock(tmp_path / "bot.db")
    assert lock.holder() is None
    with (
        lock,
        pytest.raises(DatabaseInUse, match=f"process {os.getpid()}"),
        DatabaseLock(tmp_path / "bot.db"),
    ):
        pass
    assert lock.holder() is None


def test_a_killed_process_frees_the_database(tmp_path: Path) -> None:
    """The lock of a process that was killed is free at once."""
    lock = DatabaseLock(tmp_path / "bot.db")
    process = process_that_holds(HOLD_DATABASE, tmp_path / "bot.db")
    assert not lock.try_acquire()
    assert lock.holder() == process.pid
    kill(process)
    with lock:
        assert lock.holder() == os.getpid()


def test_a_killed_owner_is_dead(tmp_path: Path) -> None:
    """An owner lives as long as its process, however that ends."""
    locks = OwnerLocks(tmp_path / "owners")
    process = process_that_holds(HOLD_OWNER, tmp_path / "owners")
    assert locks.is_alive("other")
    kill(process)
    assert not locks.is_alive("other")


def test_an_owner_lives_until_its_release(tmp_path: Path) -> None:
    """A process sees itself alive, unknown owners dead, and leaves nothing behind when it lets go."""
    locks = OwnerLocks(tmp_path)
    assert not locks.is_alive("me")
    locks.hold("me")
    assert locks.is_alive("me")
    assert OwnerLocks(tmp_path).is_alive("me")
    locks.release("me")
    locks.release("me")
    assert not locks.is_alive("me")
    assert list(tmp_path.iterdir()) == []


def test_asking_does_not_take(tmp_path: Path) -> None:
    """Asking whether an owner lives leaves its lock where it is."""
    locks = OwnerLocks(tmp_path)
    locks.hold("me")
    assert locks.is_alive("me")
    assert locks.is_alive("me")
    locks.release("me")


def test_a_living_owner_is_not_replaced(tmp_path: Path) -> None:
    """A name that a living process goes by is refused to another."""
    locks = OwnerLocks(tmp_path)
    locks.hold("me")
    with pytest.raises(OwnerTaken, match="me"):
        OwnerLocks(tmp_path).hold("me")
    locks.release("me")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".", ".."])
def test_an_owner_is_no_path(tmp_path: Path, name: str) -> None:
    """A name that would lead out of the directory is refused."""
    with pytest.raises(ValueError, match="letters"):
        OwnerLocks(tmp_path).is_alive(name)


def test_to_look_whether_it_is_held_changes_nothing(tmp_path: Path) -> None:
    """Whether somebody holds a database is told without taking the lock or making its file."""
    lock = DatabaseLock(tmp_path / "bot.db")
    assert not lock.is_held()
    assert list(tmp_path.iterdir()) == []
    with lock:
        assert DatabaseLock(tmp_path / "bot.db").is_held()
    assert not lock.is_held()
    assert lock.try_acquire()
    lock.release()


def test_what_root_makes_is_its_databases_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock file, and the directory of the owners, that root leaves behind can be used by the bot's own user."""
    database = tmp_path / "bot.db"
    database.touch()
    owner = given_to_another(database)
    as_root(monkeypatch)
    given = chowned(monkeypatch)
    locks = OwnerLocks(tmp_path / "bot.db.owners")
    locks.hold("me")
    with DatabaseLock(database):
        made = [tmp_path / name for name in ("bot.db.owners", "bot.db.owners/me.lock", "bot.db.lock")]
        assert [(each.stat().st_uid, each.stat().st_gid) for each in made] == [owner] * 3
    assert given == [owner] * 3
    locks.release("me")


def test_without_a_database_what_root_makes_is_its_directorys_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before there is a database the owner of its directory is taken for the bot's user."""
    owner = given_to_another(tmp_path)
    as_root(monkeypatch)
    given = chowned(monkeypatch)
    with DatabaseLock(tmp_path / "bot.db"):
        assert given == [owner]


def test_root_gives_away_nothing_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that stands where a lock file belongs does not get somebody the file to which it leads."""
    theirs = tmp_path / "theirs"
    theirs.touch()
    (tmp_path / "bot.db.lock").symlink_to(theirs)
    as_root(monkeypatch)
    given = chowned(monkeypatch)
    with DatabaseLock(tmp_path / "bot.db"):
        assert given == []


def test_an_owner_of_whom_nobody_can_tell_counts_as_alive(tmp_path: Path) -> None:
    """A lock file that this user may not open keeps nobody from coming up, and what its owner does is not repeated."""
    closed = tmp_path / "owners" / "cli-of-root.lock"
    closed.parent.mkdir()
    closed.touch()
    closed_to_others(closed)
    program = f"""
import sys
from pathlib import Path
from storage.lock import OwnerLocks
{BECOME_NOBODY}
print(OwnerLocks(Path(sys.argv[1])).is_alive("cli-of-root"))
"""
    asked = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(closed.parent)], capture_output=True, text=True, check=False
    )
    assert (asked.stdout, asked.stderr) == ("True\n", "")


def test_a_lock_file_that_was_removed_lets_nobody_in(tmp_path: Path) -> None:
    """The database's own file is locked as well, so that nobody can remove the lock; SQLite is not disturbed by it."""
    database = tmp_path / "bot.db"
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("create table notes (words text)")
        with DatabaseLock(database):
            (tmp_path / "bot.db.lock").unlink()
            second = DatabaseLock(database)
            assert not second.try_acquire()
            assert second.holder() is None
            connection.execute("insert into notes values ('still written')")
        assert second.try_acquire()
        second.release()


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_database_has_one_lock_under_all_its_names(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    """Under a link, hard or soft, it is the same database, and in use."""
    database, other = tmp_path / "bot.db", tmp_path / "elsewhere" / "other.db"
    database.touch()
    other.parent.mkdir()
    link(database, other)
    with DatabaseLock(database):
        assert not DatabaseLock(other).try_acquire()
        assert DatabaseLock(other).is_held()
    with DatabaseLock(other):
        assert not DatabaseLock(database).try_acquire()


def test_a_process_under_another_name_is_killed_and_frees_the_database(tmp_path: Path) -> None:
    """The lock on the file itself is the kernel's to free, too."""
    database, other = tmp_path / "bot.db", tmp_path / "other.db"
    database.touch()
    os.link(database, other)
    process = process_that_holds(HOLD_DATABASE, other)
    lock = DatabaseLock(database)
    assert not lock.try_acquire()
    kill(process)
    with lock:
        pass


def test_a_database_that_is_new_is_locked_once_it_is_there(tmp_path: Path) -> None:
    """Who holds the name before there is a file holds the file as soon as asked again."""
    database = tmp_path / "bot.db"
    first, second = DatabaseLock(database), DatabaseLock(database)
    assert first.try_acquire()
    database.touch()
    assert first.try_acquire()
    (tmp_path / "bot.db.lock").unlink()
    assert not second.try_acquire()
    first.release()


@pytest.mark.parametrize("sign", ["bot.db-wal", "bot.db.lock"], ids=["in use", "used before"])
def test_a_second_name_is_refused_unless_it_is_the_one_in_use(tmp_path: Path, sign: str) -> None:
    """What one name's -wal file holds is not seen under the other: only the name that a bot has used may be used."""
    database, other = tmp_path / "bot.db", tmp_path / "other.db"
    database.touch()
    refuse_second_names(database)
    refuse_second_names(tmp_path / "none.db")
    os.link(database, other)
    (tmp_path / sign).touch()
    refuse_second_names(database)
    with pytest.raises(StorageError, match=r"other\.db has another name \(a hard link\).*remove that name"):
        refuse_second_names(other)


def test_an_owner_whose_file_was_removed_lives(tmp_path: Path) -> None:
    """A process knows that it lives itself, and puts its sign of life up again for the others."""
    locks = OwnerLocks(tmp_path / "owners")
    locks.hold("me")
    locks.renew()
    shutil.rmtree(tmp_path / "owners")
    assert locks.is_alive("me")
    assert not OwnerLocks(tmp_path / "owners").is_alive("me")
    locks.renew()
    assert OwnerLocks(tmp_path / "owners").is_alive("me")
    locks.release("me")
    assert not OwnerLocks(tmp_path / "owners").is_alive("me")
