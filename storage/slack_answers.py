"""Slack's last answers about people, channels and groups, with their age: a restarted bot goes on with what it knew."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.connection import Connection
from storage.rows import to_column


class About(StrEnum):
    """The kind of what Slack was asked about."""

    person = "person"
    channel = "channel"
    group = "group"


@dataclass(frozen=True, kw_only=True)
class SlackAnswer:
    """An answer about one id; `facts` are plain JSON."""

    about: About
    id: str
    facts: Mapping[str, Any]
    said_at: datetime


def record(db: Connection, answer: SlackAnswer) -> None:
    """Record an answer in the place of the one before."""
    db.execute(
        "insert into slack_answers (kind, id, answer, said_at) values (?, ?, ?, ?)"
        " on conflict (kind, id) do update set answer = excluded.answer, said_at = excluded.said_at",
        [answer.about, answer.id, to_column(answer.facts), to_column(answer.said_at)],
    )


def newest(db: Connection, about: About, *, limit: int) -> Sequence[SlackAnswer]:
    """Return the last answers of a kind, the newest first."""
    sql = "select id, answer, said_at from slack_answers where kind = ? order by said_at desc limit ?"
    return [
        SlackAnswer(about=about, id=id_, facts=json.loads(answer), said_at=datetime.fromisoformat(said_at))
        for id_, answer, said_at in db.execute(sql, [about, limit])
    ]


def forget_old(db: Connection, about: About, *, before: datetime) -> None:
    """Forget the answers of a kind that are older than this."""
    db.execute("delete from slack_answers where kind = ? and said_at < ?", [about, to_column(before)])
