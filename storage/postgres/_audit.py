"""The audit in PostgreSQL: its triggers, its chain of hashes, and the rights that are left on it.

`storage.chain` defines what is hashed; the server makes the hashes here, in the same form. A line gets its number and
its hash before it is written, behind the line that was written last: the row of `audit_head` is held until the commit,
so that of two transactions one comes after the other, or is run again. Nobody can change a line: a trigger keeps what
it says, and the owner's own rights to change or remove lines are taken away, but for what forgetting needs.
"""

from typing import Final

from storage.chain import FIELDS, FORGOTTEN, SALT_BYTES

_CHAIN: Final = f"""
    create table audit_head (
        id integer primary key check (id = 1),
        last bigint not null,
        hash bytea
    );
    insert into audit_head (id, last) values (1, 0);

    create function audit_field(value bytea) returns bytea language sql immutable parallel safe as $$
        select case when value is null then '-'::bytea
            else convert_to(length(value)::text || ':', 'utf8') || value end
    $$;

    create function audit_line_hash(previous bytea, line audit) returns bytea language sql stable as $$
        select sha256(coalesce(previous, decode(repeat('00', 32), 'hex'))
            || {" || ".join(f"audit_field(convert_to(line.{each}::text, 'utf8'))" for each in FIELDS)}
            || audit_field(line.words_hash))
    $$;

    create function audit_chain() returns trigger language plpgsql as $$
    declare
        before bytea;
    begin
        update audit_head set last = last + 1 returning last, hash into new.id, before;
        new.salt := null;
        new.words_hash := null;
        new.forgotten_by := null;
        if new.words is not null then
            new.salt := substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, {SALT_BYTES});
            new.words_hash := sha256(new.salt || convert_to(new.words, 'utf8'));
        end if;
        new.hash := audit_line_hash(before, new);
        update audit_head set hash = new.hash;
        return new;
    end $$;
    create trigger audit_chains_lines before insert on audit for each row execute function audit_chain();
"""

_APPEND_ONLY: Final = f"""
    create function audit_covers(words text, line bigint) returns boolean language sql immutable as $$
        select exists (
            select 1 from regexp_split_to_table(substring(words from 'lines ([0-9, -]+)\\.$'), ', ') as span
            where line between split_part(span, '-', 1)::bigint
                and coalesce(nullif(split_part(span, '-', 2), ''), split_part(span, '-', 1))::bigint)
    $$;

    create function audit_refuse() returns trigger language plpgsql as $$
    begin
        raise exception 'the audit is append-only';
    end $$;

    create function audit_forget() returns trigger language plpgsql as $$
    begin
        -- words are forgotten: with the salt, and covered by a note
        if row({", ".join(f"new.{each}" for each in FIELDS)}, new.hash, new.words_hash)
            is not distinct from row({", ".join(f"old.{each}" for each in FIELDS)}, old.hash, old.words_hash)
            and old.words is not null and new.words is null and new.salt is null
            and row(old.subject, old.became) is distinct from row('note'::text, '{FORGOTTEN}'::text)
            and new.forgotten_by > old.id
            and coalesce(audit_covers((select words from audit where id = new.forgotten_by
                and subject = 'note' and became = '{FORGOTTEN}'), old.id), false) then
            return new;
        end if;
        raise exception 'the audit is append-only';
    end $$;
    create trigger audit_keeps_words before update on audit for each row execute function audit_forget();
    create trigger audit_keeps_lines before delete on audit for each row execute function audit_refuse();
    create trigger audit_keeps_table before truncate on audit for each statement execute function audit_refuse();
    revoke all on audit from public;
    revoke update, delete, truncate on audit from current_user;
    grant update (words, salt, forgotten_by) on audit to current_user;
"""

_LINES: Final = """
    create function audit_command() returns trigger language plpgsql as $$
    begin
        insert into audit (at, subject, command, session, team, channel, actor, verb, via, was, became, words)
        values (case when tg_op = 'INSERT' then new.accepted_at
                    else coalesce(new.done_at, new.called_at, new.accepted_at) end, 'command', new.id, new.session,
                new.team, new.channel, new.actor, new.verb, new.via, case when tg_op = 'UPDATE' then old.state end,
                new.state, new.outcome);
        return null;
    end $$;
    create trigger audit_command_added after insert on commands for each row execute function audit_command();
    create trigger audit_command_changed after update of state on commands for each row
    when (old.state <> new.state) execute function audit_command();

    create function audit_session() returns trigger language plpgsql as $$
    begin
        insert into audit (at, subject, session, team, channel, actor, was, became, words)
        values (new.changed_at, 'session', new.id, new.team, new.channel, new.changed_by,
                case when tg_op = 'UPDATE' then old.state end, coalesce(tg_argv[0], new.state), new.last_event);
        return null;
    end $$;
    create trigger audit_session_added after insert on sessions for each row execute function audit_session();
    create trigger audit_session_changed after update of state on sessions for each row
    when (old.state <> new.state) execute function audit_session();
    create trigger audit_session_unconfirmed after update of stop_given_up_at on sessions for each row
    when (new.stop_given_up_at is not null and old.stop_given_up_at is null and old.state = new.state)
    execute function audit_session('unconfirmed');
"""

AUDIT: Final = f"{_CHAIN}{_APPEND_ONLY}{_LINES}"
"""All of it, as one script."""
