"""The schema, as steps that are appended for ever and never edited.

Never use `table.transform()` on these tables: it drops triggers silently, and the triggers are what makes
the audit complete (a test checks that they are there).
"""

from typing import Final

from sqlite_utils import Database, Migrations

from storage.first_steps import m001_sessions, m002_commands, m003_messages, m004_audit

APPLICATION_ID: Final = 0x53424F54
"""Marks a database file as this program's (PRAGMA application_id)."""

TRIGGERS: Final = frozenset(
    {
        "audit_command_added",
        "audit_command_changed",
        "audit_session_added",
        "audit_session_changed",
        "audit_session_unconfirmed",
        "audit_keeps_lines",
        "audit_keeps_words",
        "audit_keeps_numbers",
        "cards_follow_sessions",
        "buttons_follow_sessions",
        "bulks_keep_outcomes",
    },
)

migrations = Migrations("session-bot")
for step in (m001_sessions, m002_commands, m003_messages, m004_audit):
    migrations()(step)


@migrations()
def m005_summaries(db: Database) -> None:
    """Let a message stand in a channel without a session, and a reply under it; keep what a bulk stop is about."""
    db.execute("drop trigger cards_follow_sessions")  # it names the table that is made anew, and is made anew below
    db.execute("""
        create table messages_anew (
            id integer primary key autoincrement,
            session integer references sessions(id),
            command integer references commands(id),
            channel text not null,
            kind text not null check (kind in ('card', 'reply', 'summary')),
            body text,
            ts text,
            wanted integer not null default 1,
            shown integer not null default 0,
            error text,
            created_at text not null,
            under integer references messages(id),
            check (kind = 'summary' or session is not null or under is not null)
        ) strict
    """)
    columns = "id, session, command, channel, kind, body, ts, wanted, shown, error, created_at"
    db.execute(f"insert into messages_anew ({columns}) select {columns} from messages")
    db.execute("drop table messages")
    db.execute("alter table messages_anew rename to messages")
    db.execute("create unique index messages_one_card on messages (session) where kind = 'card'")
    db.execute("create index messages_due on messages (kind, id) where error is null and shown < wanted")
    db.execute("""
        create trigger cards_follow_sessions after update of version on sessions begin
            update messages set wanted = new.version where session = new.id and kind = 'card';
        end
    """)
    db.execute("""
        create table bulks (
            id integer primary key autoincrement,
            command integer not null unique references commands(id),
            summary integer not null references messages(id),
            channel text not null,
            actor text not null,
            reason text,
            began_at text not null,
            told_at text,
            closed_at text
        ) strict
    """)
    db.execute("""
        create table bulk_sessions (
            bulk integer not null references bulks(id),
            session integer not null references sessions(id),
            place integer not null,
            why_not text,
            skipped integer not null default 0,
            primary key (bulk, session)
        ) strict
    """)
    db.execute("create index bulk_sessions_by_session on bulk_sessions (session)")


@migrations()
def m006_limits(db: Database) -> None:
    """Keep how long a session may run, what was said about it, and how many alarms a channel has had."""
    for column in ("max_s real", "expect_told_at text", "over_max_at text"):
        db.execute(f"alter table sessions add column {column}")
    db.execute("""
        create table alarms (
            id integer primary key autoincrement,
            channel text not null,
            session integer not null references sessions(id),
            at text not null,
            message integer not null references messages(id)
        ) strict
    """)
    db.execute("create index alarms_by_channel on alarms (channel, at)")


@migrations()
def m007_workspace(db: Database) -> None:
    """Keep which workspace the bot serves, for the terminal on a day without Slack."""
    db.execute("create table workspace (team text primary key, url text not null, seen_at text not null) strict")


@migrations()
def m008_direct_messages(db: Database) -> None:
    """Let a message stand for another one, which its channel does not take, in somebody's direct messages."""
    db.execute("alter table messages add column direct_of integer references messages(id)")
    db.execute("create index messages_direct on messages (direct_of) where direct_of is not null")


@migrations()
def m009_adopted(db: Database) -> None:
    """Keep which sessions were not started here, but taken over by their URL."""
    db.execute("alter table sessions add column adopted integer not null default 0")


@migrations()
def m010_buttons(db: Database) -> None:
    """Let replies that carry their session's buttons be shown anew when it becomes another question what can be done.

    Unlike a card, such a reply follows only what its buttons depend on: an edit of it says nothing else.
    """
    db.execute("create index messages_by_session on messages (session)")
    db.execute("""
        create trigger buttons_follow_sessions
        after update of state, stop_asked_at, unconfirmed_at, end_seen_at, secure_url, plain_url on sessions
        when (old.state, old.stop_asked_at is null, old.unconfirmed_at is null, old.end_seen_at is null,
              old.secure_url is null and old.plain_url is null)
          is not (new.state, new.stop_asked_at is null, new.unconfirmed_at is null, new.end_seen_at is null,
                  new.secure_url is null and new.plain_url is null)
        begin
            update messages set wanted = wanted + 1
            where session = new.id and kind = 'reply' and json_extract(body, '$.buttons');
        end
    """)


@migrations()
def m011_unconfirmed(db: Database) -> None:
    """Write it into the audit when a stop is given up as not confirmed: that changes no state, and has words."""
    db.execute("""
        create trigger audit_session_unconfirmed after update of unconfirmed_at on sessions
        when new.unconfirmed_at is not null and old.unconfirmed_at is null and old.state is new.state begin
            insert into audit (at, subject, session, team, channel, actor, was, became, words)
            values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                    new.state, 'unconfirmed', new.last_event);
        end
    """)


@migrations()
def m012_commands_of_sessions(db: Database) -> None:
    """Keep every session that a command names or acts on: of several, and of what is denied, too."""
    db.execute("""
        create table command_sessions (
            command integer not null references commands(id),
            session integer not null references sessions(id),
            primary key (command, session)
        ) strict, without rowid
    """)
    db.execute("create index command_sessions_by_session on command_sessions (session)")
    db.execute("""
        insert into command_sessions (command, session)
        select id, session from commands where session is not null
        union select bulks.command, bulk_sessions.session from bulk_sessions join bulks on bulks.id = bulk_sessions.bulk
    """)


@migrations()
def m013_outbox(db: Database) -> None:
    """Find quickly what Slack refused and is tried again, and whether a message calls for somebody."""
    db.execute("drop index messages_due")
    db.execute("create index messages_due on messages (kind, id) where shown < wanted")
    db.execute("create index alarms_by_message on alarms (message)")


@migrations()
def m014_order(db: Database) -> None:
    """Record by the session's version what came first, a stop or a question: clocks are set back. Keep when one was."""
    for column in ("stop_version integer", "history_version integer", "max_doubted_at text"):
        db.execute(f"alter table sessions add column {column}")
    db.execute("""
        update sessions set
            stop_version = case when stop_asked_at is not null then version end,
            history_version = case
                when history_at >= coalesce(stop_delivered_at, stop_asked_at, history_at) then version
                when history_at is not null then 0
            end
    """)


@migrations()
def m015_people(db: Database) -> None:
    """Keep how people are called, for posts that name them without a mention."""
    db.execute("create table people (id text primary key, name text not null) strict, without rowid")


@migrations()
def m016_bulk_outcomes(db: Database) -> None:
    """Keep when a stop of several gave a session up, whichever stop of that session comes later."""
    db.execute("alter table bulk_sessions add column given_up_at text")
    db.execute("""
        update bulk_sessions set given_up_at = (select unconfirmed_at from sessions where id = session)
        where skipped = 0
    """)
    db.execute("""
        create trigger bulks_keep_outcomes after update of unconfirmed_at on sessions
        when new.unconfirmed_at is not null and old.unconfirmed_at is null begin
            update bulk_sessions set given_up_at = new.unconfirmed_at
            where session = new.id and skipped = 0 and given_up_at is null
              and exists (select 1 from bulks where id = bulk_sessions.bulk and told_at is null);
        end
    """)


@migrations()
def m017_alias(db: Database) -> None:
    """Keep by which alias a session's rule is known here."""
    db.execute("alter table sessions add column alias text")


@migrations()
def m018_channels(db: Database) -> None:
    """Keep how channels are called, for the terminal on a day without Slack."""
    db.execute("create table channels (id text primary key, name text not null) strict, without rowid")


@migrations()
def m019_probe(db: Database) -> None:
    """Keep a row that is written to see whether the database can be, and is the one that others find."""
    db.execute("create table probe (id integer primary key check (id = 1), number integer not null) strict")


@migrations()
def m020_bulk_alarms(db: Database) -> None:
    """Keep which message calls people to what a bulk stop left running."""
    db.execute("alter table bulks add column alarm integer references messages(id)")
