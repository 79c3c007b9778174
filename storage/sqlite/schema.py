"""The first schema, as the description of the data: every table and column with its meaning, and the triggers.

Moments are ISO 8601 in UTC with microseconds, and end in `_at`; 0 and 1 are no and yes. Ids of Slack's (`team`,
`channel`, `actor`, …) are as Slack writes them. Comments within the statements stay in the database, so that
`.schema` in its own shell shows them.
"""

from typing import Final

_SESSIONS: Final = """
    create table sessions (
        id integer primary key autoincrement,  -- the number that people type: 7, #7
        team text not null,
        channel text not null,  -- where it was started; its card stands there, and it belongs there
        channel_private integer not null,  -- as Slack said at its start
        channel_shared integer not null,  -- with another workspace, as Slack said at its start
        starter text not null,
        adopted integer not null default 0,  -- taken over by its URL instead of started here

        -- what was asked for
        rule_id integer not null,  -- 0: adopted, and not known
        rule_name text,
        alias text,  -- by which the settings know the rule
        application_id integer,
        application_name text,
        custom_data text,  -- script_custom_data, as it was typed
        max_s real,  -- how many seconds it may run; null: as its rule says

        -- how it stands; the state changes by compare-and-set only, see records.NEXT
        state text not null check (state in (
            'starting', 'running', 'stopping', 'unreachable', 'unknown',
            'uncontrolled', 'abandoned', 'ended', 'failed')),
        version integer not null default 1,  -- grows with every change that its card shows
        last_event text not null,  -- a sentence for its card
        changed_at text not null,
        changed_by text not null,  -- a person, `platform`, `history` or `bot`
        created_at text not null,
        called_at text,  -- when StartScenarios may have gone out
        started_at text,

        -- the way to it: capabilities, sealed, wiped when its end is settled
        secure_url blob,
        plain_url blob,

        -- what the platform's history says of it; written by the watch
        history_id integer unique,  -- its number there
        history_says text check (history_says in ('runs', 'absent', 'ended', 'several', 'silent')),
        history_at text,  -- when it said so; `silent` leaves the moment of the last answer
        history_version integer,  -- the version that stood when it was asked what it then said
        end_seen_at text,  -- the first reading that says ended; a second one makes the state `ended`
        ended_at text,  -- by the platform's clock
        finish_reason text,
        duration_s real,
        cost text,  -- a decimal number
        currency text,

        -- its stop: who holds the one place there is for it, and how far it has come
        stop_by text,
        stop_reason text,
        stop_asked_at text,
        stop_command integer references commands(id),  -- null: it could not be recorded when it went out
        stop_request_id text,  -- X-Request-Id of all its attempts
        stop_version integer,  -- the version that its asking or delivery made: older readings do not speak of it
        stop_arrived text check (stop_arrived in ('yes', 'perhaps', 'nobody')),  -- null: not brought yet, or not sent
        stop_delivered_at text,  -- when it was delivered, or perhaps was
        stop_given_up_at text,  -- when it was given up: its end was not confirmed in time, or it could not be sent

        -- that it lasts too long; each is said once
        expect_told_at text,  -- longer than its rule expects
        max_doubted_at text,  -- over its limit by one clock, and by no other
        over_max_at text,  -- over its limit by two clocks

        -- how far its stop has come, see storage.stop
        stop_state text not null generated always as (case
            when state in ('ended', 'failed') then 'settled'
            when stop_asked_at is null then 'not asked'
            when stop_given_up_at is not null then iif(stop_arrived is null, 'not sent', 'unconfirmed')
            when stop_arrived = 'yes' then 'delivered'
            when stop_arrived = 'perhaps' then 'perhaps delivered'
            when stop_arrived = 'nobody' then 'nobody there'
            when state in ('starting', 'unknown', 'uncontrolled') then 'kept'
            else 'on its way' end)
    ) strict;
    create index sessions_by_state on sessions (state, team, channel);
"""

_COMMANDS: Final = """
    create table commands (
        id integer primary key autoincrement,
        key text not null unique,  -- idempotency key: what makes a second delivery the same command
        verb text not null,
        session integer references sessions(id),  -- the one that it turned out to concern
        actor text not null,
        team text not null,
        channel text not null,  -- where it was typed
        via text not null,  -- slash, click, form, mention, terminal, …
        digest text not null,  -- of verb and intent: who repeats it within seconds means it once
        state text not null check (state in (
            'accepted', 'calling', 'done', 'asked', 'denied', 'refused', 'failed', 'unknown')),
        outcome text,  -- a sentence
        accepted_at text not null,
        called_at text,  -- when its request may have gone out
        done_at text,  -- when it had its outcome
        owner text not null,  -- the process that does it; recovery takes it up when that is gone
        intent text check (intent is null or verb = 'stop'),  -- JSON, to do a stop again that a crash cut off
        confirmed integer not null default 0  -- its person has seen what it will stop
    ) strict;
    create index commands_by_intent on commands (actor, channel, digest, accepted_at);
    create index commands_unfinished on commands (state) where state in ('accepted', 'calling');

    create table command_sessions (  -- every session that a command names or acts on, whatever came of it
        command integer not null references commands(id),
        session integer not null references sessions(id),
        primary key (command, session)
    ) strict, without rowid;
    create index command_sessions_by_session on command_sessions (session);
"""

_MESSAGES: Final = """
    create table messages (  -- every message of ours in Slack: a row first, posted and edited by the outbox
        id integer primary key autoincrement,
        session integer references sessions(id),  -- null: it stands in a channel by itself, or under such a one
        command integer references commands(id),  -- whose outcome it tells
        channel text not null,  -- or a person, for a direct message
        kind text not null check (kind in ('card', 'reply', 'summary')),
        body text,  -- JSON; null for a card, which shows its session
        ts text,  -- Slack's name of it; null: not posted yet
        wanted integer not null default 1,  -- the version that it should show: of a card its session's
        shown integer not null default 0,  -- the version that it shows; -1: wanted now, also while cards are held back
        error text,  -- Slack's word on why it could not be posted or edited
        created_at text not null,
        under integer references messages(id),  -- the summary under which a reply stands
        direct_of integer references messages(id),  -- what a direct message stands for, where its channel takes none
        check (kind = 'summary' or session is not null or under is not null)
    ) strict;
    create unique index messages_one_card on messages (session) where kind = 'card';
    create index messages_by_session on messages (session);
    create index messages_direct on messages (direct_of) where direct_of is not null;
    create index messages_due on messages (kind, id) where shown < wanted;

    create table alarms (  -- what called for somebody in a channel: many at once become one message
        id integer primary key autoincrement,
        channel text not null,
        session integer not null references sessions(id),
        at text not null,
        message integer not null references messages(id)
    ) strict;
    create index alarms_by_channel on alarms (channel, at);
    create index alarms_by_message on alarms (message);
"""

_CARDS_FOLLOW: Final = """
    create trigger cards_follow_sessions after update of version on sessions begin
        update messages set wanted = new.version where session = new.id and kind = 'card';
    end;

    -- A reply with buttons follows only what its buttons depend on: an edit of it says nothing else.
    create trigger buttons_follow_sessions
    after update of version, secure_url, plain_url on sessions
    when (old.state, old.stop_state, old.end_seen_at is null, old.secure_url is null and old.plain_url is null)
      is not (new.state, new.stop_state, new.end_seen_at is null, new.secure_url is null and new.plain_url is null)
    begin
        update messages set wanted = wanted + 1
        where session = new.id and kind = 'reply' and json_extract(body, '$.buttons');
    end;
"""

_BULKS: Final = """
    create table bulks (  -- stops of several sessions by one command
        id integer primary key autoincrement,
        command integer not null unique references commands(id),
        summary integer not null references messages(id),  -- the message that tells how it goes
        alarm integer references messages(id),  -- the one that calls people to what may still run afterwards
        channel text not null,
        actor text not null,
        reason text,
        began_at text not null,
        told_at text,  -- when the outcome of each was known or given up, and the whole list was told
        closed_at text  -- when nothing of it could change any more
    ) strict;

    create table bulk_sessions (
        bulk integer not null references bulks(id),
        session integer not null references sessions(id),
        place integer not null,  -- in its order
        why_not text,  -- a sentence, where it could not be asked to stop
        skipped integer not null default 0,  -- it had ended before the bulk stop was confirmed
        given_up_at text,  -- when this stop of it was given up: a later stop of it does not undo that
        primary key (bulk, session)
    ) strict;
    create index bulk_sessions_by_session on bulk_sessions (session);

    create trigger bulks_keep_outcomes after update of stop_given_up_at on sessions
    when new.stop_given_up_at is not null and old.stop_given_up_at is null begin
        update bulk_sessions set given_up_at = new.stop_given_up_at
        where session = new.id and skipped = 0 and given_up_at is null
          and exists (select 1 from bulks where id = bulk_sessions.bulk and told_at is null);
    end;
"""

_AUDIT: Final = """
    create table audit (  -- append-only; written by triggers, so that nothing can happen without its line
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
        was text,  -- the state before; null: none
        became text not null,  -- the state from then on, or what a note is about
        words text
    ) strict;

    create trigger audit_command_added after insert on commands begin
        insert into audit (at, subject, command, session, team, channel, actor, verb, via, became, words)
        values (new.accepted_at, 'command', new.id, new.session, new.team, new.channel, new.actor,
                new.verb, new.via, new.state, new.outcome);
    end;
    create trigger audit_command_changed after update of state on commands
    when old.state is not new.state begin
        insert into audit (at, subject, command, session, team, channel, actor, verb, via, was, became, words)
        values (coalesce(new.done_at, new.called_at, new.accepted_at), 'command', new.id, new.session,
                new.team, new.channel, new.actor, new.verb, new.via, old.state, new.state, new.outcome);
    end;
    create trigger audit_session_added after insert on sessions begin
        insert into audit (at, subject, session, team, channel, actor, became, words)
        values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                new.state, new.last_event);
    end;
    create trigger audit_session_changed after update of state on sessions
    when old.state is not new.state begin
        insert into audit (at, subject, session, team, channel, actor, was, became, words)
        values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                old.state, new.state, new.last_event);
    end;

    -- That a stop is given up changes no state, and has words.
    create trigger audit_session_unconfirmed after update of stop_given_up_at on sessions
    when new.stop_given_up_at is not null and old.stop_given_up_at is null and old.state is new.state begin
        insert into audit (at, subject, session, team, channel, actor, was, became, words)
        values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                new.state, 'unconfirmed', new.last_event);
    end;

    create trigger audit_keeps_lines before delete on audit begin
        select raise(abort, 'the audit is append-only');
    end;
    create trigger audit_keeps_words before update on audit begin
        select raise(abort, 'the audit is append-only');
    end;
    create trigger audit_keeps_numbers before insert on audit
    when exists (select 1 from audit where id = new.id) begin
        select raise(abort, 'the audit is append-only');
    end;
"""

_KNOWN: Final = """
    create table workspace (  -- which workspace the bot serves, for the terminal on a day without Slack
        team text primary key,
        url text not null,  -- ends with a slash
        seen_at text not null
    ) strict;
    create table people (  -- how people are called, as Slack said it last
        id text primary key,
        name text not null
    ) strict, without rowid;
    create table channels (  -- how channels are called, as Slack said it last
        id text primary key,
        name text not null
    ) strict, without rowid;
    create table probe (  -- written to see whether the database can be, and is the one that others find
        id integer primary key check (id = 1),
        number integer not null
    ) strict;
"""

FIRST: Final = f"{_SESSIONS}{_COMMANDS}{_MESSAGES}{_CARDS_FOLLOW}{_BULKS}{_AUDIT}{_KNOWN}"
"""The whole first schema, as one script."""
