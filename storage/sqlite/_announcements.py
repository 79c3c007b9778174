"""The columns of sessions for their announcements, the table of rounds, and what many open sessions need.

The fourth step of the schema.

origin           slack: started, adopted or looked for here; elsewhere: taken up from what it announced
heard_at         the newest beat that was read, as a moment of our clock; null: it never announced itself
calls            its live calls, as it said then
silent_at        when it counted as silent, said once; null: it is heard of
ending_at        when it said that it is ending
stop_taken_at    when it said that it took up the stop that is asked for
stop_untaken_at  when it was said that it has not taken up a stop that was delivered
revision         grows over all sessions with every write of a row, but for a beat, or an answer of the history, that
                 changes nothing else: what was changed since a reading has a larger one
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
    "revision integer not null default 0",
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

REVISIONS: Final = """
    create index sessions_by_revision on sessions (revision);

    create trigger revisions_begin after insert on sessions begin
        update sessions set revision = (select max(revision) + 1 from sessions) where id = new.id;
    end;
    create trigger revisions_grow after update on sessions
    when new.revision is old.revision and (new.version is not old.version
        or new.history_at is old.history_at and new.history_says is old.history_says
            and new.heard_at is old.heard_at and new.calls is old.calls) begin
        update sessions set revision = (select max(revision) + 1 from sessions) where id = new.id;
    end;
"""

ALARM_COLUMNS: Final = (
    "line text",  # of a grouped message: what it says of this session; null: the message is of this session alone
    "over integer not null default 0",  # nobody is needed any more
    "is_new integer not null default 0",  # the message does not show it yet
    "kind text",  # silence: called off when the session is heard of again; null: when it ends
)

ALARMS: Final = """
    create index alarms_by_session on alarms (session);
    create index alarms_to_show on alarms (message) where is_new;
    create index alarms_of_silence on alarms (session) where kind = 'silence' and not over;

    -- The lines that earlier versions kept in the body of a grouped message.
    update alarms set (line, over) = (
        select json_extract(entry.value, '$.text'), json_extract(entry.value, '$.over')
        from messages, json_each(messages.body, '$.lines') entry
        where messages.id = alarms.message and json_extract(entry.value, '$.session') = alarms.session)
    where id in (
        select max(alarms.id) from alarms join messages on messages.id = alarms.message,
            json_each(messages.body, '$.lines') entry
        where json_extract(entry.value, '$.session') = alarms.session group by alarms.message, alarms.session);
"""

WITHOUT_NUMBER: Final = """
    create index sessions_without_number on sessions (id)  -- few: what an announcement could be of
    where history_id is null and state not in ('ended', 'failed');
"""
