"""Slack's answers in the database: after a restart the bot asks for none that it knew a minute before.

Slack takes fifty questions about channels a minute, and a command whose channel is not known waits or is refused. An
answer keeps its age over a restart; one of which the age cannot be told, since the clock was set back, is too old.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic

from bot.access._directory import KEPT, USABLE, AnswerCache, PersonFacts, SlackDirectory, T
from bot.ports import ChannelFacts
from bot.process import Clock, Tasks
from storage import slack_answers
from storage.connection import Connection
from storage.errors import StorageUnavailable
from storage.slack_answers import About, SlackAnswer
from storage.store import Store


async def keep_answers(directory: SlackDirectory, store: Store, tasks: Tasks, clock: Clock) -> None:
    """Put the stored answers into the directory; from then on each new one is stored, in the background.

    Raise StorageUnavailable. The last members of a group are kept for ever, for stops, but asked for again: a change
    of the group may have been told to nobody meanwhile.
    """

    def read(db: Connection) -> Mapping[About, Sequence[SlackAnswer]]:
        return {about: slack_answers.newest(db, about, limit=KEPT) for about in About}

    stored, writing = await store.read(read), _Writing(store, tasks, clock)
    _connect(directory.people, _PERSON, stored[About.person], writing)
    _connect(directory.channels, _CHANNEL, stored[About.channel], writing)
    _connect(directory.groups, _GROUP, stored[About.group], writing)
    for each in stored[About.group]:
        directory.groups.invalidate(each.id)


@dataclass(frozen=True, kw_only=True)
class _Form(Generic[T]):
    """The stored form of the answers about one kind."""

    about: About
    facts: Callable[[T], Mapping[str, Any]]
    value: Callable[[str, Mapping[str, Any]], T]


_PERSON: Final = _Form[PersonFacts](
    about=About.person,
    facts=lambda of: {"teams": sorted(of.teams), "full": of.full, "kind": of.kind},
    value=lambda id_, facts: PersonFacts(**{**facts, "id": id_, "teams": frozenset(facts["teams"])}),
)
_CHANNEL: Final = _Form[ChannelFacts](
    about=About.channel,
    facts=lambda of: {"private": of.private, "shared": of.shared},
    value=lambda id_, facts: ChannelFacts(id=id_, **facts),
)
_GROUP: Final = _Form[frozenset[str]](
    about=About.group,
    facts=lambda of: {"members": sorted(of)},
    value=lambda _id, facts: frozenset(facts["members"]),
)


@dataclass(frozen=True)
class _Writing:
    """Writes answers in the background, each in the place of those that nobody may use any more."""

    store: Store
    tasks: Tasks
    clock: Clock

    def begin(self, about: About, id_: str, facts: Mapping[str, Any]) -> None:
        """Begin to write an answer; what cannot be written now is asked for again after a restart."""
        answer = SlackAnswer(about=about, id=id_, facts=facts, said_at=self.clock.now())
        self.tasks.background(self._write(answer))

    async def _write(self, answer: SlackAnswer) -> None:
        def write(db: Connection) -> None:
            slack_answers.record(db, answer)
            if answer.about is not About.group:
                slack_answers.forget_old(db, answer.about, before=answer.said_at - USABLE)

        with contextlib.suppress(StorageUnavailable):
            await self.store.write(write)


def _connect(cache: AnswerCache[T], form: _Form[T], stored: Sequence[SlackAnswer], writing: _Writing) -> None:
    for each in reversed(stored):  # the newest last: of too many, the cache forgets the first
        with contextlib.suppress(LookupError, TypeError):  # another version has written it: it is asked for again
            cache.restore(each.id, form.value(each.id, each.facts), writing.clock.since(each.said_at))
    cache.on_answer = lambda id_, value: writing.begin(form.about, id_, form.facts(value))
