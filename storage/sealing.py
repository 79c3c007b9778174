"""Session URLs are capabilities: at rest they are sealed with Fernet, opened only for the moment of use."""

import contextlib
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage._durability import sync
from storage._ownership import hand_over, named_after


class BadKey(ValueError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A key, or the file that holds it, cannot be used; its text is one sentence and shows no key."""


class CannotOpen(ValueError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A stored text was sealed with another key, or is damaged; the error's text is one sentence."""


class Sealer:
    """Seals with the first key and opens with any, so that keys can be changed while old seals still open."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            msg = "No key was given to seal session URLs with."
            raise BadKey(msg)
        fernets = [_fernet(key, place) for place, key in enumerate(keys, start=1)]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)
        self.has_older = len(fernets) > 1
        """Whether there are keys beside the one that seals."""

    def __repr__(self) -> str:
        return "<Sealer>"

    def seal(self, text: str) -> bytes:
        """Encrypt a text with the first key."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt with any of the keys. Raises `CannotOpen`."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise _cannot_open() from None

    def needs_older(self, sealed: bytes) -> bool:
        """Return whether the first key does not open it, and another one does. Raises `CannotOpen`."""
        with contextlib.suppress(InvalidToken):
            self._first.decrypt(sealed)
            return False
        self.open(sealed)
        return True

    def rotate(self, sealed: bytes) -> bytes:
        """Return the seal of the first key: this one, or a new one in its place. Raises `CannotOpen`."""
        with contextlib.suppress(InvalidToken):
            self._first.decrypt(sealed)
            return sealed
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise _cannot_open() from None


def load_or_make_keys(path: Path) -> list[str]:
    """Return the keys from this file, one a line; make file (mode 0600) and a key first if it is not there.

    The file appears whole or not at all, and the first of two processes wins. Raises `BadKey` when others on
    this machine may read it or when it holds no key, `OSError` when it cannot be read or made.
    """
    try:
        return _load(path)
    except FileNotFoundError:
        _make(path)
        return _load(path)


def _fernet(key: str, place: int) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise BadKey(
            f"Key {place} is not a Fernet key: it must be 32 bytes in URL-safe base64, 44 characters."
        ) from None


def _cannot_open() -> CannotOpen:
    return CannotOpen("This session's URL was sealed with a key that is not configured here, or it is damaged.")


def _load(path: Path) -> list[str]:
    with path.open(encoding="ascii", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise BadKey(f"The key file {path.name} is open to others on this machine: `chmod 600` it.")
        lines = [(number, line.strip()) for number, line in enumerate(file, start=1) if line.strip()]
    if not lines:
        msg = f"The key file {path.name} holds no Fernet key: put the right one back, or stored URLs stay shut."
        raise BadKey(msg)
    for number, key in lines:
        try:
            Fernet(key)
        except ValueError:
            raise BadKey(
                f"Line {number} of the key file {path.name} holds no Fernet key: put the right one there, or stored"
                " URLs stay shut. Each key has a line of its own; the first one seals, and all open."
            ) from None
    return [key for _, key in lines]


def _make(path: Path) -> None:
    """Write the key beside its place and link it there: a link, unlike a rename, replaces nobody's key."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            hand_over(file.fileno(), like=named_after(path))
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first: its key is the key
        sync(path.parent)  # with a lost key every stored URL stays shut
    finally:
        draft.unlink()
