import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.sealing import BadKey, CannotOpen, Sealer, load_or_make_keys
from tests.another_user import as_root, chowned, given_to_another

URL = "https://203.0.113.7:12093/request/AF30.1580999958.1204800_203.0.113.7/90AB"


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_can_be_opened_and_not_read() -> None:
    """A sealed text shows nothing of itself and opens to exactly what it was."""
    sealer = Sealer([new_key()])
    sealed = sealer.seal(URL + " é")
    assert b"request" not in sealed
    assert sealer.open(sealed) == URL + " é"


def test_keys_rotate() -> None:
    """The first key seals, every key opens, and what was rotated needs only the first."""
    old, new = new_key(), new_key()
    sealed = Sealer([old]).seal(URL)
    both = Sealer([new, old])
    assert both.open(sealed) == URL
    assert Sealer([new]).open(both.rotate(sealed)) == URL
    assert Sealer([new]).open(both.seal(URL)) == URL
    assert [both.needs_older(each) for each in (sealed, both.rotate(sealed))] == [True, False]
    assert (both.has_older, Sealer([new]).has_older) == (True, False)


def test_another_key_or_damage_is_one_sentence() -> None:
    """What cannot be opened says so, without a key, a cause or the text."""
    sealed = Sealer([new_key()]).seal(URL)
    other = Sealer([new_key()])
    for attempt in (other.open, other.rotate, other.needs_older):
        with pytest.raises(CannotOpen, match="not configured") as caught:
            attempt(sealed)
        assert caught.value.__suppress_context__
    with pytest.raises(CannotOpen):
        other.open(sealed[:-10])


def test_a_bad_key_is_told_by_its_place() -> None:
    """A key that is none is named by its place, never shown."""
    with pytest.raises(BadKey, match="Key 2 is not") as caught:
        Sealer([new_key(), "not-a-key"])
    assert "not-a-key" not in repr(caught.value)
    with pytest.raises(BadKey):
        Sealer([])


def test_repr_shows_nothing() -> None:
    """A sealer in a log shows no key."""
    key = new_key()
    assert key not in repr(Sealer([key]))
    assert repr(Sealer([key])) == "<Sealer>"


def test_a_key_file_is_made_once(tmp_path: Path) -> None:
    """The first call makes a file of mode 0600, later ones read it, and nothing else is left in the directory."""
    path = tmp_path / "bot.key"
    (key,) = load_or_make_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make_keys(path) == [key]
    assert [entry.name for entry in tmp_path.iterdir()] == ["bot.key"]
    Sealer([key])


def test_many_at_once_get_one_key(tmp_path: Path) -> None:
    """Processes that come at the same moment read the key of the first."""
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: tuple(load_or_make_keys(tmp_path / "bot.key")), range(32)))
    assert len(keys) == 1


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    """A key file that others on the machine may read is refused with what to do."""
    path = tmp_path / "bot.key"
    load_or_make_keys(path)
    path.chmod(0o640)
    with pytest.raises(BadKey, match="chmod 600"):
        load_or_make_keys(path)


def test_a_file_without_a_key_is_told(tmp_path: Path) -> None:
    """An empty or foreign file is never overwritten with a new key."""
    path = tmp_path / "bot.key"
    path.touch(mode=0o600)
    with pytest.raises(BadKey, match="holds no Fernet key"):
        load_or_make_keys(path)
    assert path.read_bytes() == b""


def test_a_key_file_holds_several(tmp_path: Path) -> None:
    """Each line of a key file is a key, the first seals; a line that is none is named by its number, not shown."""
    path, keys = tmp_path / "bot.key", [new_key(), new_key()]
    path.touch(mode=0o600)
    path.write_text(f"{keys[0]}\n\n  {keys[1]} \n")
    assert load_or_make_keys(path) == keys
    path.write_text(f"{keys[0]}\nnot-a-key\n")
    with pytest.raises(BadKey, match="Line 2 of the key file") as caught:
        load_or_make_keys(path)
    assert "not-a-key" not in repr(caught.value)


def test_an_impossible_place_is_an_os_error(tmp_path: Path) -> None:
    """A directory that is not there is the system's own error, and nothing is made."""
    with pytest.raises(OSError, match="No such file"):
        load_or_make_keys(tmp_path / "nowhere" / "bot.key")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the shortest way to say that nothing is there


def test_a_key_that_root_makes_is_its_databases_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own user can read a key that was made in its place by root."""
    database, key = tmp_path / "bot.db", tmp_path / "bot.db.key"
    database.touch()
    owner = given_to_another(database)
    as_root(monkeypatch)
    given = chowned(monkeypatch)
    load_or_make_keys(key)
    assert (key.stat().st_uid, key.stat().st_gid) == owner
    assert given == [owner]
