"""The first steps of the schema, which `storage.migrations` takes before its own: never edited, like all of them."""

from sqlite_utils import Database


def m001_sessions(db: Database) -> None:
    """Keep sessions, with their URLs sealed."""
    db.execute("""
        create table sessions (
            id integer primary key autoincrement,
            team text not null,
            channel text not null,
            channel_private integer not null,
            channel_shared integer not null,
            rule_id integer not null,
            rule_name text,
            application_id integer,
            application_name text,
            starter text not null,
            custom_data text,
            state text not null check (state in (
                'starting', 'running', 'stopping', 'unreachable', 'unknown',
                'uncontrolled', 'abandoned', 'ended', 'failed')),
            version integer not null default 1,
            last_event text not null,
            changed_at text not null,
            changed_by text not null,
            created_at text not null,
            called_at text,
            started_at text,
            ended_at text,
            secure_url blob,
            plain_url blob,
            history_id integer unique,
            history_says text check (history_says in ('runs', 'absent', 'ended', 'several', 'silent')),
            history_at text,
            end_seen_at text,
            finish_reason text,
            duration_s real,
            cost text,
            currency text,
            stop_by text,
            stop_reason text,
            stop_asked_at text,
            stop_command integer references commands(id),
            stop_request_id text,
            stop_delivered_at text,
            stop_doubtful integer not null default 0,
            unconfirmed_at text
        ) strict
    """)
    db.execute("create index sessions_by_state on sessions (state, team, channel)")


def m002_commands(db: Database) -> None:
    """Keep every command with its key: the dedupe and the recovery list."""
    db.execute("""
        create table commands (
            id integer primary key autoincrement,
            key text not null unique,
            verb text not null,
            session integer references sessions(id),
            actor text not null,
            team text not null,
            channel text not null,
            via text not null,
            digest text not null,
            state text not null check (state in (
                'accepted', 'calling', 'done', 'denied', 'refused', 'failed', 'unknown')),
            outcome text,
            accepted_at text not null,
            called_at text,
            done_at text,
            owner text not null,
            text text check (text is null or verb = 'stop'),
            confirmed integer not null default 0
        ) strict
    """)
    db.execute("create index commands_by_intent on commands (actor, channel, digest, accepted_at)")
    db.execute("create index commands_unfinished on commands (state) where state in ('accepted', 'calling')")


def m003_messages(db: Database) -> None:
    """Keep every message we own in Slack, wanted before it is posted."""
    db.execute("""
        create table messages (
            id integer primary key autoincrement,
            session integer not null references sessions(id),
            command integer references commands(id),
            channel text not null,
            kind text not null check (kind in ('card', 'reply')),
            body text,
            ts text,
            wanted integer not null default 1,
            shown integer not null default 0,
            error text,
            created_at text not null
        ) strict
    """)
    db.execute("create unique index messages_one_card on messages (session) where kind = 'card'")
    db.execute("create index messages_due on messages (kind, id) where error is null and shown < wanted")
    db.execute("""
        create trigger cards_follow_sessions after update of version on sessions begin
            update messages set wanted = new.version where session = new.id and kind = 'card';
        end
    """)


def m004_audit(db: Database) -> None:
    """Write the audit by triggers, so that nothing can happen without its line, and keep its lines."""
    db.execute("""
        create table audit (
            id integer primary key autoincrement,
            at text not null,
            subject text not null check (subject in ('command', 'session', 'note')),
            command integer,
            session integer,
            team text not null,
            channel text not null,
            actor text not null,
            verb text,
            via text,
            was text,
            became text not null,
            words text
        ) strict
    """)
    db.execute("""
        create trigger audit_command_added after insert on commands begin
            insert into audit (at, subject, command, session, team, channel, actor, verb, via, became, words)
            values (new.accepted_at, 'command', new.id, new.session, new.team, new.channel, new.actor,
                    new.verb, new.via, new.state, new.outcome);
        end
    """)
    db.execute("""
        create trigger audit_command_changed after update of state on commands
        when old.state is not new.state begin
            insert into audit
                (at, subject, command, session, team, channel, actor, verb, via, was, became, words)
            values (coalesce(new.done_at, new.called_at, new.accepted_at), 'command', new.id, new.session,
                    new.team, new.channel, new.actor, new.verb, new.via, old.state, new.state, new.outcome);
        end
    """)
    db.execute("""
        create trigger audit_session_added after insert on sessions begin
            insert into audit (at, subject, session, team, channel, actor, became, words)
            values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                    new.state, new.last_event);
        end
    """)
    db.execute("""
        create trigger audit_session_changed after update of state on sessions
        when old.state is not new.state begin
            insert into audit (at, subject, session, team, channel, actor, was, became, words)
            values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                    old.state, new.state, new.last_event);
        end
    """)
    for name, act in (("audit_keeps_lines", "delete"), ("audit_keeps_words", "update")):
        db.execute(f"""
            create trigger {name} before {act} on audit begin
                select raise(abort, 'the audit is append-only');
            end
        """)
    db.execute("""
        create trigger audit_keeps_numbers before insert on audit
        when exists (select 1 from audit where id = new.id) begin
            select raise(abort, 'the audit is append-only');
        end
    """)
