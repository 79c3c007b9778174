"""The columns of sessions for their announcements, and the table of rounds: the fourth step of the schema.

origin           slack: started, adopted or looked for here; elsewhere: taken up from what it announced
heard_at         the newest beat that was read, as a moment of our clock; null: it never announced itself
calls            its live calls, as it said then
silent_at        when it counted as silent, said once; null: it is heard of
ending_at        when it said that it is ending
stop_taken_at    when it said that it took up the stop that is asked for
stop_untaken_at  when it was said that it has not taken up a stop that was delivered
"""

from typing import Final

SESSION_COLUMNS: Final = (
    "origin text not null default 'slack' check (origin in ('slack', 'elsewhere'))",
    "heard_at text",
    "calls integer",
    "silent_at text",
    "ending_at text",
    "stop_taken_at text",
    "stop_untaken_at text",
)

ANNOUNCEMENTS: Final = """
    create table announcements (  -- what was found in the storage of an application
        application_id integer primary key,
        application_name text not null,
        announced_at text,  -- when a row was found last; null: never, so it is not read every round
        read_at text,  -- when the last whole round began: what was put before it has been read
        took_s real,  -- how long that round lasted
        row_count integer not null default 0,  -- rows in it
        oldest_beat_at text,  -- among the rows that were believed
        refused text not null default '{}',  -- JSON: reason of a refusal → rows in that round
        problem text  -- a sentence: why it cannot be read now
    ) strict;
"""
