"""The table of Slack's answers about people, channels and groups, so that a restart does not have to ask for each.

The seventh step of the schema. `storage.slack_answers` removes what is too old to be used.
"""

from typing import Final

SLACK_ANSWERS: Final = """
    create table slack_answers (  -- the last answer about each
        kind text not null check (kind in ('person', 'channel', 'group')),
        id text not null,
        answer text not null,  -- JSON: the facts that permissions depend on
        said_at text not null,
        primary key (kind, id)
    ) strict, without rowid;
    create index slack_answers_by_age on slack_answers (kind, said_at);
"""
