"""The table of drafts: contents of buttons that Slack must not carry, so that every process knows them, also a new one.

The eighth step of the schema. `storage.drafts` removes what is past its time.
"""

from typing import Final

DRAFTS: Final = """
    create table drafts (  -- contents of buttons under what one person sees
        id text primary key,  -- random: the value of the button
        actor text not null,  -- whose button it is
        sealed blob not null,  -- JSON: what it does, with all that was typed
        made_at text not null,
        expires_at text not null  -- from when on it is good for nothing
    ) strict, without rowid;
    create index drafts_by_age on drafts (expires_at);
    create index drafts_by_actor on drafts (actor, made_at);
"""
