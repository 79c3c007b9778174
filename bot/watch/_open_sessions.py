"""The open sessions in memory: read once, in pieces, and from then on only what was written since."""

import functools
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from bot.watch._pieces import A_PIECE, in_pieces
from storage import open_sessions
from storage.records import Session, State
from storage.store import Store


class OpenSessions:
    """The sessions whose end is not settled, without those whose start is under way: its own answer settles that.

    With `only` these sessions alone. A record holds no URL, and beats and answers of the history as of its last change.
    """

    def __init__(self, store: Store, only: Collection[int] | None = None) -> None:
        self._store = store
        self._only = only
        self._revision: int | None = None
        self._found: dict[int, Session] = {}
        self._changed: set[int] = set()

    @property
    def found(self) -> Mapping[int, Session]:
        """The sessions as of the last reading, by their ids."""
        return MappingProxyType(self._found)

    async def read_again(self) -> set[int]:
        """Read what was written since the last reading; return the ids of sessions that are changed, new or over."""
        if self._revision is None or self._only is not None:
            await self._read_all()
        else:
            await self._read_on(self._revision)
        changed, self._changed = self._changed, set()  # what was read before an error is returned after it
        return changed

    async def _read_on(self, known: int) -> None:
        is_whole = False
        while not is_whole:
            job = functools.partial(open_sessions.written_since, known=known, limit=A_PIECE)
            written, known = await self._store.read(job)
            self._changed |= self._take(written)
            self._revision, is_whole = known, len(written) < A_PIECE

    async def _read_all(self) -> None:
        """Read every open session; those that were written meanwhile are read again next time."""
        revision = await self._store.read(open_sessions.revision)
        wanted = await self._store.read(open_sessions.ids) if self._only is None else sorted(self._only)
        self._changed |= self._drop(self._found.keys() - set(wanted))
        async for some in in_pieces(wanted):
            self._changed |= self._take(await self._store.read(functools.partial(open_sessions.of_ids, wanted=some)))
        self._revision = revision

    def _take(self, read: Sequence[Session]) -> set[int]:
        changed = set()
        for session in read:
            before = self._found.get(session.id)
            if session.state.is_final or session.state is State.starting:
                changed |= self._drop({session.id})
            elif before != session:
                self._found[session.id] = session
                changed.add(session.id)
        return changed

    def _drop(self, ids: Collection[int]) -> set[int]:
        return {each for each in ids if self._found.pop(each, None) is not None}
