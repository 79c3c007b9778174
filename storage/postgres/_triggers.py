"""The triggers of PostgreSQL besides those of the audit: what they keep true is described with SQLite's.

Where SQLite's triggers count a number on, these take it from a sequence: one writer after another holds the lock that
`storage.postgres.schema` describes, so that a larger number is committed later, too.
"""

from typing import Final

_REVISIONS: Final = """
    create sequence session_revisions;
    create function grow_revision() returns trigger language plpgsql as $$
    begin
        new.revision := nextval('session_revisions');
        return new;
    end $$;
    create trigger revisions_begin before insert on sessions for each row execute function grow_revision();
    create trigger revisions_grow before update on sessions for each row
    when (new.version is distinct from old.version
        or new.history_at is not distinct from old.history_at
            and new.history_says is not distinct from old.history_says
            and new.heard_at is not distinct from old.heard_at and new.calls is not distinct from old.calls)
    execute function grow_revision();
"""

_MESSAGES: Final = """
    create function follow_session() returns trigger language plpgsql as $$
    begin
        update messages set wanted = new.version where session = new.id and kind = 'card';
        return null;
    end $$;
    create trigger cards_follow_sessions after update of version on sessions for each row
    execute function follow_session();

    create function follow_buttons() returns trigger language plpgsql as $$
    begin
        update messages set wanted = wanted + 1
        where session = new.id and kind = 'reply' and cast(json_extract(body, '$.buttons') as bigint) = 1;
        return null;
    end $$;
    create trigger buttons_follow_sessions after update on sessions for each row
    when ((old.state, old.stop_state, old.end_seen_at is null, old.secure_url is null and old.plain_url is null)
        is distinct from
        (new.state, new.stop_state, new.end_seen_at is null, new.secure_url is null and new.plain_url is null))
    execute function follow_buttons();

    create function keep_outcome() returns trigger language plpgsql as $$
    begin
        update bulk_sessions set given_up_at = new.stop_given_up_at
        where session = new.id and skipped = 0 and given_up_at is null
          and exists (select 1 from bulks where id = bulk_sessions.bulk and told_at is null);
        return null;
    end $$;
    create trigger bulks_keep_outcomes after update of stop_given_up_at on sessions for each row
    when (new.stop_given_up_at is not null and old.stop_given_up_at is null)
    execute function keep_outcome();
"""

_COUNTS: Final = """
    insert into session_counts (state, number) values ('ended', 0), ('failed', 0);
    create function count_session() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' and old.state in ('ended', 'failed') then
            update session_counts set number = number - 1 where state = old.state;
        end if;
        if tg_op <> 'DELETE' and new.state in ('ended', 'failed') then
            update session_counts set number = number + 1 where state = new.state;
        end if;
        return null;
    end $$;
    create trigger counts_begin after insert on sessions for each row execute function count_session();
    create trigger counts_follow after update of state on sessions for each row
    when (new.state <> old.state) execute function count_session();
    create trigger counts_end after delete on sessions for each row execute function count_session();

    create function name_rule() returns trigger language plpgsql as $$
    begin
        insert into session_rules (team, rule_id, rule_name)
        values (new.team, new.rule_id, coalesce(new.rule_name, '')) on conflict do nothing;
        return null;
    end $$;
    create trigger rules_begin after insert on sessions for each row execute function name_rule();
    create trigger rules_follow after update of rule_id, rule_name on sessions for each row
    execute function name_rule();

    create function see_channel() returns trigger language plpgsql as $$
    begin
        insert into seen_channels (channel) values (new.channel) on conflict do nothing;
        return null;
    end $$;
    create trigger channels_typed_in after insert on commands for each row
    when (new.via not in ('terminal', 'recovery', 'limit')) execute function see_channel();
    create trigger channels_posted_to after update of ts on messages for each row
    when (new.ts is not null and old.ts is null) execute function see_channel();
"""

CHANNEL: Final = "session_bot"
"""The channel of notifications: each carries the name of the replica whose commit it tells of."""

_CHANGES_ARE_TOLD: Final = f"""
    create function tell_change() returns trigger language plpgsql as $$
    begin
        perform pg_notify('{CHANNEL}', coalesce(current_setting('session_bot.replica', true), ''));
        return null;
    end $$;
    create trigger sessions_tell after insert or update or delete on sessions
    for each statement execute function tell_change();
    create trigger commands_tell after insert or update or delete on commands
    for each statement execute function tell_change();
    create trigger messages_tell after insert or update or delete on messages
    for each statement execute function tell_change();
"""

TRIGGERS: Final = f"{_REVISIONS}{_MESSAGES}{_COUNTS}{_CHANGES_ARE_TOLD}"
"""All of them, as one script."""
