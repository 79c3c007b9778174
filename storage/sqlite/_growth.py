"""Indexes, counters and short lists by trigger, so that no statement gets slower with the history behind it.

The fifth step of the schema. A statement uses an index on a part of the rows only where it has the same words as the
index: `state not in ('ended', 'failed')`, not question marks. `tests/storage/test_plans.py` reads the plan of each.

sessions_open           the open ones, by state and place: there are thousands at most, whatever is over
sessions_over_*         the others, by what a list narrows them down to; in each the newest is last. They are written
                        when a session ends, so that a start does not pay for them
sessions_unnumbered     few: what could be a row of the history that nobody knows the session of
sessions_with_url       those that can be sent something: open, or closed for some days
commands_by_*           what a person repeats, what anybody repeats, and the last command by each way in
messages_to_send        what the outbox has to do; a reply that was given up is not in it
messages_threads        cards by their ts: the session of a thread
bulks_open              bulk stops of which something can still change
audit_by_*              lines of a channel, of a person in a channel, of a session and of a command, by time
session_counts          how many sessions are over, by state; the open ones are counted when asked
session_rules           every rule of a session, by each name that it had once; no name is the empty one
seen_channels           where somebody typed something, or Slack took a message; a channel named at a terminal does not
                        count: its user may mistype the same id twice
"""

from typing import Final

_SESSIONS: Final = """
    drop index sessions_by_state;
    drop index sessions_without_number;
    create index sessions_open on sessions (state, team, channel) where state not in ('ended', 'failed');
    create index sessions_over_by_team on sessions (team) where state in ('ended', 'failed');
    create index sessions_over_by_starter on sessions (team, starter) where state in ('ended', 'failed');
    create index sessions_over_by_rule on sessions (team, rule_id) where state in ('ended', 'failed');
    create index sessions_over_by_channel on sessions (team, channel) where state in ('ended', 'failed');
    create index sessions_over_by_place_and_starter on sessions (team, channel, starter)
        where state in ('ended', 'failed');
    create index sessions_over_by_place_and_rule on sessions (team, channel, rule_id)
        where state in ('ended', 'failed');
    create index sessions_unnumbered on sessions (rule_id) where history_id is null and state <> 'failed';
    create index sessions_with_url on sessions (id) where secure_url is not null or plain_url is not null;
"""

_OTHERS: Final = """
    drop index commands_by_intent;
    create index commands_by_intent on commands (actor, channel, digest);
    create index commands_by_words on commands (channel, digest);
    create index commands_by_way on commands (via);

    drop index messages_due;
    create index messages_to_send on messages (id)
        where shown < wanted and (error is null or ts is not null or kind = 'card');
    create index messages_threads on messages (ts) where kind = 'card' and ts is not null;

    create index bulks_open on bulks (id) where closed_at is null;

    create index audit_by_channel on audit (channel, at);
    create index audit_by_actor on audit (actor, channel, at);
    create index audit_by_session on audit (session) where session is not null;
    create index audit_by_command on audit (command) where command is not null;
"""

_COUNTS: Final = """
    create table session_counts (  -- how many sessions are over
        state text primary key check (state in ('ended', 'failed')),
        number integer not null
    ) strict, without rowid;
    insert into session_counts (state, number)
        select 'ended', count(*) from sessions where state = 'ended'
        union all select 'failed', count(*) from sessions where state = 'failed';

    create trigger counts_begin after insert on sessions when new.state in ('ended', 'failed') begin
        update session_counts set number = number + 1 where state = new.state;
    end;
    create trigger counts_follow after update of state on sessions
    when new.state is not old.state and (new.state in ('ended', 'failed') or old.state in ('ended', 'failed')) begin
        update session_counts set number = number + (state = new.state) - (state = old.state)
        where state in (new.state, old.state);
    end;
    create trigger counts_end after delete on sessions when old.state in ('ended', 'failed') begin
        update session_counts set number = number - 1 where state = old.state;
    end;
"""

_RULES: Final = """
    create table session_rules (  -- the rules of all sessions, each with every name that it had once
        team text not null,
        rule_id integer not null,
        rule_name text not null,  -- empty: none
        primary key (team, rule_id, rule_name)
    ) strict, without rowid;
    insert into session_rules (team, rule_id, rule_name)
        select distinct team, rule_id, ifnull(rule_name, '') from sessions;

    create trigger rules_begin after insert on sessions begin
        insert or ignore into session_rules (team, rule_id, rule_name)
        values (new.team, new.rule_id, ifnull(new.rule_name, ''));
    end;
    create trigger rules_follow after update of rule_id, rule_name on sessions begin
        insert or ignore into session_rules (team, rule_id, rule_name)
        values (new.team, new.rule_id, ifnull(new.rule_name, ''));
    end;
"""

_CHANNELS: Final = """
    create table seen_channels (  -- where somebody typed something, or Slack took a message
        channel text primary key
    ) strict, without rowid;
    insert into seen_channels (channel)
        select channel from commands where via not in ('terminal', 'recovery', 'limit')
        union select channel from messages where ts is not null;

    create trigger channels_typed_in after insert on commands
    when new.via not in ('terminal', 'recovery', 'limit') begin
        insert or ignore into seen_channels (channel) values (new.channel);
    end;
    create trigger channels_posted_to after update of ts on messages when new.ts is not null and old.ts is null begin
        insert or ignore into seen_channels (channel) values (new.channel);
    end;
"""

GROWTH: Final = f"{_SESSIONS}{_OTHERS}{_COUNTS}{_RULES}{_CHANNELS}"
"""The whole step, as one script."""

GROWTH_TRIGGERS: Final = frozenset(
    {
        "counts_begin",
        "counts_follow",
        "counts_end",
        "rules_begin",
        "rules_follow",
        "channels_typed_in",
        "channels_posted_to",
    },
)
